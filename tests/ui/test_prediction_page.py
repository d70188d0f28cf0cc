"""Prédiction à la demande, one text: as a visitor meets it."""

import csv
import io
import json

import pytest

from reviews_ui import export
from reviews_ui.api.predictions import Answer, Contribution, Prediction
from ui.visitor import press, said, visit

pytestmark = pytest.mark.usefixtures("base")


def predict(page, text, label="Prédire"):
    page.text_area[0].input(text)
    return press(page, label)


def in_english(page):
    return page.segmented_control(key="language-switch").set_value("en").run()


def test_who_may_only_read_is_told_so_and_asks_nothing(page, api_server):
    api_server.role = "viewer"
    visit(page, "prediction")
    assert "Votre rôle permet de lire" in said(page)
    assert not page.text_area


def test_a_blank_text_is_not_sent(page, api_server):
    visit(page, "prediction")
    predict(page, "  \n ")
    assert "Le texte est vide" in said(page)
    assert "/predict" not in [path for path, _ in api_server.asked]


def test_a_text_that_the_api_refuses_shows_the_reason(page, api_server):
    api_server.fail(
        422, {"code": "invalid-input", "detail": "received '![x](http://x)'"}, "/predict"
    )
    visit(page, "prediction")
    predict(page, "Bonjour")
    assert "L’API n’accepte pas cette saisie." in said(page)
    assert "received &#x27;![x](http://x)&#x27;" in said(page)


def test_before_the_first_model_the_page_says_how_to_get_one(page, api_server):
    api_server.probabilities.clear()
    visit(page, "prediction")
    predict(page, "Bonjour")
    assert "aucun modèle n’est servi" in said(page)
    assert "retrain_reviews" in said(page)


def test_a_session_that_is_over_asks_to_sign_in_again(page, api_server):
    visit(page, "prediction")
    api_server.tokens.clear()
    predict(page, "Bonjour")
    assert "Vous avez été déconnecté" in said(page)


def test_all_families_answer_side_by_side_in_words_and_percent(page):
    visit(page, "prediction")
    predict(page, "Livraison <rapide>")
    text = said(page)
    assert text.index("ANN") < text.index("GBC") < text.index("SVM")
    assert text.count("▲ positif") == 2
    assert text.count("▼ négatif") == 1
    assert "88,4\u00a0%" in text
    assert "Modèle 20261121T024400.123456Z-gbc" in text
    assert "SVM <small" in text
    assert text.count("★ champion") == 1
    assert "Les familles ne sont pas d’accord" in text


@pytest.mark.parametrize(
    ("share", "sentence"),
    [(0.9, "s’accordent : avis positif."), (0.1, "s’accordent : avis négatif.")],
)
def test_families_that_agree_are_said_to_agree(page, api_server, share, sentence):
    api_server.probabilities.update(ann=share, gbc=share, svm=share)
    visit(page, "prediction")
    predict(page, "Bonjour")
    assert sentence in said(page)


def test_an_example_fills_the_text_and_does_not_predict_by_itself(page, api_server):
    visit(page, "prediction")
    press(page, "Avis mécontent")
    assert page.text_area[0].value.startswith("Colis jamais arrivé")
    assert "/predict" not in [path for path, _ in api_server.asked]


def test_the_words_are_asked_for_and_coloured_for_the_champion_first(page, api_server):
    visit(page, "prediction")
    predict(page, "Livraison <rapide>, jamais !")
    asked = [body for path, body in api_server.asked if path == "/predict"]
    assert asked == [{"texts": ["Livraison <rapide>, jamais !"], "explain": True}]
    assert page.segmented_control(key="explained-family").value == "svm"
    text = said(page)
    assert "&lt;</" not in text
    assert 'title="+31,0 points">rapide' in text
    assert 'title="−27,0 points">jamais' in text


def test_without_a_champion_the_first_family_is_explained(page, api_server):
    api_server.champion = None
    visit(page, "prediction")
    predict(page, "Bonjour")
    assert page.segmented_control(key="explained-family").value == "ann"
    assert "★ champion" not in said(page)


def test_a_text_of_which_no_word_counts_is_said_to_be_so(page, api_server):
    api_server.words = []
    visit(page, "prediction")
    predict(page, "!!!")
    assert "Aucun mot ne change la réponse" in said(page)


def test_a_long_text_says_how_many_words_are_explained(page, api_server):
    api_server.words = [{"word": f"mot{n}", "weight": 0.01} for n in range(200)]
    visit(page, "prediction")
    predict(page, " ".join(f"mot{n}" for n in range(1000)))
    assert "Seuls les 200 premiers mots différents" in said(page)


def test_the_neighbours_stand_below_with_their_star_and_are_asked_for_once(page, api_server):
    visit(page, "prediction")
    predict(page, "Livraison rapide")
    assert "0,99" in said(page)
    assert 'aria-label="4/5"' in said(page)
    assert "Livraison &lt;rapide&gt;" in said(page)
    page.segmented_control(key="explained-family").set_value("gbc").run()
    assert [path for path, _ in api_server.asked].count("/neighbours") == 1


@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [(503, "not-ready", "pas encore prêt"), (500, "internal", "erreur interne")],
)
def test_neighbours_that_fail_leave_the_answer_and_the_correction(
    page, api_server, status, code, sentence
):
    api_server.fail(status, {"code": code, "detail": "no"}, "/neighbours")
    visit(page, "prediction")
    predict(page, "Bonjour")
    assert sentence in said(page)
    assert "▲ positif" in said(page)
    assert "Ce n’est pas juste ?" in said(page)


def test_a_text_without_neighbours_is_said_to_have_none(page, base):
    base.neighbours.clear()
    visit(page, "prediction")
    predict(page, "Zzzz")
    assert "Aucun voisin" in said(page)


def test_a_correction_needs_a_star(page, base):
    visit(page, "prediction")
    predict(page, "Bonjour")
    press(page, "Envoyer la correction")
    assert "Choisissez une note de 1 à 5." in said(page)
    assert base.corrections == []


def test_a_correction_names_the_prediction_and_is_confirmed(page, base, api_server):
    visit(page, "prediction")
    predict(page, "Bonjour")
    page.segmented_control(key="star").set_value(2)
    page.text_area(key="correction-comment").input(" ironie ")
    press(page, "Envoyer la correction")
    sent = next(body for path, body in api_server.asked if path == "/feedback")
    assert sent == {"text": "Bonjour", "star": 2, "comment": "ironie", "prediction_id": "p-1"}
    assert "Correction n° 1 enregistrée (2 ★)" in said(page)


def test_a_new_text_can_be_corrected_again(page):
    visit(page, "prediction")
    predict(page, "Bonjour")
    page.segmented_control(key="star").set_value(2)
    press(page, "Envoyer la correction")
    predict(page, "Autre")
    assert "enregistrée" not in said(page)
    assert page.segmented_control(key="star").value is None


def test_the_page_speaks_english(page):
    visit(page, "prediction")
    in_english(page)
    predict(page, "Livraison rapide", "Predict")
    text = said(page)
    for words in ("The families disagree", "Why this answer", "Neighbours in the base", "88.4%"):
        assert words in text
    assert "+31.0 points" in text
    assert "0.99" in text


def test_the_answer_leaves_as_csv_that_no_spreadsheet_runs_and_as_json_with_the_words():
    one = Prediction("svm", 1, "positif", 0.75, "run-svm", (Contribution("bien", 0.2),))
    answer = Answer("=1+1", (one,), "svm", None)
    rows = list(csv.DictReader(io.StringIO(export.as_csv(answer).decode("utf-8-sig"))))
    assert rows[0]["text"] == "'=1+1"
    assert rows[0]["champion"] == "yes"
    told = json.loads(export.as_json(answer))
    assert told["predictions"][0]["words"] == [{"word": "bien", "weight": 0.2}]
    assert told["text"] == "=1+1"


def test_who_comes_back_from_another_page_finds_text_and_answer_together(page):
    visit(page, "prediction")
    predict(page, "Livraison rapide")
    page.switch_page("app_pages/limits.py").run()
    page.switch_page("app_pages/prediction.py").run()
    assert page.text_area(key="review").value == "Livraison rapide"

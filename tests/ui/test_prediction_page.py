"""Prédiction à la demande, as a visitor meets it."""

import pytest

from ui.visitor import press, said, visit


def predict(page, text):
    page.text_area[0].input(text)
    return press(page, "Prédire")


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


def test_all_families_answer_side_by_side_in_words_and_percent(page):
    visit(page, "prediction")
    predict(page, "Livraison <rapide>")
    text = said(page)
    assert text.index("ANN") < text.index("GBC") < text.index("SVM")
    assert text.count("▲ positif") == 2
    assert text.count("▼ négatif") == 1
    assert "88,4\u00a0%" in text
    assert "Modèle 20261121T024400.123456Z-gbc" in text
    assert "Livraison &lt;rapide&gt;" in text
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

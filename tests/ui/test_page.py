"""The page in Streamlit's own test harness, over HTTP to the small server."""

import socket
from base64 import b64decode
from urllib.parse import urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from ui.reviews_server import PASSWORD, USER, report

APP = "services/streamlit/streamlit_app.py"
REPORTS = "app_pages/reports.py"
CARD = "<!doctype html><title>Où ?</title><p>Où ?</p>"


@pytest.fixture
def page(api_server, request):
    return AppTest.from_file(request.config.rootpath / APP, default_timeout=90).run()


def sign_in(page, username=USER, password=PASSWORD):
    page.text_input[0].input(username)
    page.text_input[1].input(password)
    return page.button[0].click().run()


def predict(page, text):
    page.text_area[0].input(text)
    button = next(button for button in page.button if button.label == "Prédire")
    return button.click().run()


def said(page):
    """Return all text of the page, errors and warnings included."""
    assert not page.exception
    kinds = (page.title, page.subheader, page.markdown, page.caption, page.error, page.warning)
    texts = [element.value for kind in (*kinds, page.info) for element in kind]
    return "\n".join(texts + [element.body for element in page.get("html")])


def test_a_stranger_sees_the_sign_in_form_and_nothing_else(page, api_server):
    assert page.subheader[0].value == "Connexion"
    assert not page.title
    assert api_server.asked == []


def test_an_empty_form_asks_for_both_fields(page, api_server):
    sign_in(page, USER, "")
    assert "Saisissez l’utilisateur et le mot de passe." in said(page)
    assert api_server.asked == []


def test_a_wrong_password_is_refused_and_shown_nowhere(page):
    sign_in(page, USER, "tout faux")
    assert "Utilisateur ou mot de passe refusé." in said(page)
    assert "tout faux" not in said(page)
    assert "account" not in page.session_state


def test_an_api_that_is_down_is_named_with_its_address(page, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        monkeypatch.setenv("SATISPY_API_URL", url)
        sign_in(page)
    assert f"L’API est injoignable à l’adresse {url}." in said(page)
    assert "make status" in said(page)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(429, "Patientez 30 s, puis réessayez."), (500, "L’API a rencontré une erreur interne.")],
)
def test_a_sign_in_that_fails_otherwise_says_what_to_do(page, api_server, status, sentence):
    body = {"code": "x", "detail": "because"}
    api_server.fail(status, body, "/authentification", headers={"Retry-After": "30"})
    sign_in(page)
    assert sentence in said(page)
    assert "because" in said(page)


def test_who_signed_in_sees_account_and_base_in_the_sidebar(page):
    sign_in(page)
    assert page.title[0].value == "Prédiction à la demande"
    assert "<b>alice</b><span>rôle : user</span>" in said(page)
    assert "<b>version 3</b><span>15\u202f703 avis</span>" in said(page)


def test_an_empty_base_is_said_to_be_empty(page, api_server):
    api_server.dataset.update(version=0, rows=0)
    sign_in(page)
    assert "aucune donnée encore" in said(page)


def test_a_base_whose_state_is_unknown_does_not_stop_the_page(page, api_server):
    api_server.fail(500, {"code": "x", "detail": "no"}, "/status")
    sign_in(page)
    assert "état indisponible" in said(page)
    assert page.title[0].value == "Prédiction à la demande"


def test_signing_out_forgets_everything(page):
    sign_in(page)
    next(button for button in page.button if button.label == "Se déconnecter").click().run()
    assert page.subheader[0].value == "Connexion"
    assert "api" not in page.session_state


def test_credentials_that_are_no_longer_accepted_sign_out_and_say_why(page, api_server):
    sign_in(page)
    api_server.password = "another one"
    predict(page, "Bonjour")
    assert "Vous avez été déconnecté" in said(page)
    assert page.subheader[0].value == "Connexion"
    assert "api" not in page.session_state


def test_a_blank_text_is_not_sent(page, api_server):
    sign_in(page)
    predict(page, "  \n ")
    assert "Le texte est vide" in said(page)
    assert "/predict" not in [path for path, _ in api_server.asked]


def test_a_text_that_the_api_refuses_shows_the_reason(page, api_server):
    api_server.fail(
        422, {"code": "invalid-input", "detail": "received '![x](http://x)'"}, "/predict"
    )
    sign_in(page)
    predict(page, "Bonjour")
    assert "L’API n’accepte pas cette saisie." in said(page)
    assert "received &#x27;![x](http://x)&#x27;" in said(page)


def test_before_the_first_model_the_page_says_how_to_get_one(page, api_server):
    api_server.probabilities.clear()
    sign_in(page)
    predict(page, "Bonjour")
    assert "aucun modèle n’est servi" in said(page)
    assert "retrain_reviews" in said(page)


def test_all_families_answer_side_by_side_in_words_and_percent(page):
    sign_in(page)
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
    sign_in(page)
    predict(page, "Bonjour")
    assert sentence in said(page)


def test_an_example_fills_the_text_and_does_not_predict_by_itself(page, api_server):
    sign_in(page)
    next(button for button in page.button if button.label == "Avis mécontent").click().run()
    assert page.text_area[0].value.startswith("Colis jamais arrivé")
    assert "/predict" not in [path for path, _ in api_server.asked]


def test_before_the_first_training_the_reports_say_what_to_do(page, api_server):
    api_server.items.clear()
    sign_in(page).switch_page(REPORTS).run()
    assert "Aucun entraînement encore." in said(page)
    assert not page.get("plotly_chart")


def test_families_above_the_threshold_are_ok(page):
    sign_in(page).switch_page(REPORTS).run()
    assert page.title[0].value == "Reporting et alertes"
    assert said(page).count("✓ OK") == 3
    assert "ALERTE" not in said(page)
    assert len(page.get("plotly_chart")) == 3
    assert page.get("download_button")[0].label == "Télécharger le CSV"


def test_how_sure_a_score_is_stands_beside_it_where_its_report_says_so(page, api_server):
    api_server.items = [report("gbc", 1, (0.85, 0.81, 0.9)), report("svm", 1, (0.86, 0.82, 0.9))]
    for end in ("low", "high"):  # a report of an earlier version
        del api_server.items[1][f"accuracy_{end}"]
    sign_in(page).switch_page(REPORTS).run()
    assert '<small class="sp-sure">83,8 à 86,0\u00a0%</small><b>85,0\u00a0%</b>' in said(page)
    assert "accuracy</span><b>86,0\u00a0%</b>" in said(page)


def test_a_score_under_the_threshold_is_an_alert_that_names_it(page, api_server):
    api_server.items.append(report("gbc", 4, (0.85, 0.701, 0.9)))
    sign_in(page).switch_page(REPORTS).run()
    assert said(page).count("⚠ ALERTE") == 1
    assert said(page).count("✓ OK") == 2
    assert "f1_0 : 70,1\u00a0% (seuil : 80\u00a0%)" in said(page)


def test_moving_the_threshold_asks_the_api_to_judge_again(page):
    sign_in(page).switch_page(REPORTS).run()
    page.slider[0].set_value(95).run()
    assert said(page).count("⚠ ALERTE") == 3
    assert "accuracy : 89,0\u00a0% (seuil : 95\u00a0%)" in said(page)


def test_refreshing_shows_a_training_that_ended_meanwhile(page, api_server):
    sign_in(page).switch_page(REPORTS).run()
    api_server.items.append(report("svm", 4, (0.5, 0.5, 0.5)))
    next(button for button in page.button if button.label == "Actualiser").click().run()
    assert "accuracy : 50,0\u00a0%" in said(page)


def test_a_fourth_family_appears_by_itself(page, api_server):
    api_server.items.append(report("camembert", 3, (0.97, 0.96, 0.98)))
    sign_in(page).switch_page(REPORTS).run()
    assert "CAMEMBERT" in said(page)
    assert len(page.get("plotly_chart")) == 4


def test_a_report_page_whose_api_went_down_says_so(page, api_server):
    sign_in(page)
    api_server.fail(500, {"code": "x", "detail": "disk full"}, "/reports")
    page.switch_page(REPORTS).run()
    assert "L’API a rencontré une erreur interne." in said(page)
    assert "disk full" in said(page)


def choose(page, place):
    """Choose a model of the list, the newest being the first."""
    return page.selectbox[0].select_index(place).run()


def cards_asked(api_server):
    return [path for path, _ in api_server.asked if path.endswith("/card.html")]


def test_the_models_whose_card_can_be_read_are_all_those_that_were_trained(page):
    sign_in(page).switch_page(REPORTS).run()
    assert page.selectbox[0].label == "Modèle entraîné"
    assert page.selectbox[0].options[0] == "SVM · 21/11/2026 02:03:10 UTC · accuracy 89,0\u00a0%"
    assert len(page.selectbox[0].options) == 9


def test_no_card_is_asked_for_before_one_is_chosen(page, api_server):
    sign_in(page).switch_page(REPORTS).run()
    assert cards_asked(api_server) == []
    assert not page.get("iframe")


def test_the_card_of_the_chosen_model_is_shown_apart_and_can_be_kept(page, api_server):
    api_server.cards["20261121T020310.000000Z-gbc"] = CARD
    sign_in(page).switch_page(REPORTS).run()
    choose(page, 1)
    assert cards_asked(api_server) == ["/models/20261121T020310.000000Z-gbc/card.html"]
    (frame,) = page.get("iframe")
    address = urlsplit(frame.proto.src)
    assert (address.scheme, address.fragment) == ("data", "light")
    assert b64decode(address.path.partition("base64,")[2]).decode() == CARD
    assert frame.proto.srcdoc == ""  # as text it would share the origin of the page
    labels = [button.label for button in page.get("download_button")]
    assert labels == ["Télécharger le CSV", "Télécharger la fiche (HTML)"]
    assert "Où" not in said(page)


def test_choosing_another_model_shows_its_card(page, api_server):
    for family in ("gbc", "ann"):
        api_server.cards[f"20261121T020310.000000Z-{family}"] = f"<p>{family}"
    sign_in(page).switch_page(REPORTS).run()
    choose(page, 1)
    choose(page, 2)
    (frame,) = page.get("iframe")
    assert b64decode(urlsplit(frame.proto.src).path.partition("base64,")[2]) == b"<p>ann"


def test_a_model_without_a_card_says_why_and_the_rest_of_the_page_stays(page):
    sign_in(page).switch_page(REPORTS).run()
    choose(page, 0)
    assert "Ce modèle n’a pas de fiche à montrer ici." in said(page)
    assert "is &lt;of before&gt;" in said(page)
    assert not page.get("iframe")
    assert len(page.get("plotly_chart")) == 3


def test_a_visitor_who_opens_card_after_card_holds_only_fresh_ones(page, api_server, monkeypatch):
    for family in ("svm", "gbc", "ann"):
        api_server.cards[f"20261121T020310.000000Z-{family}"] = CARD
    monkeypatch.setattr("reviews_ui.session.FRESH_SECONDS", -1.0)  # the next click is too late
    sign_in(page).switch_page(REPORTS).run()
    for place in range(3):
        choose(page, place)
    held = [name for name in page.session_state["answers"] if name.startswith("card ")]
    assert held == ["card 20261121T020310.000000Z-ann"]

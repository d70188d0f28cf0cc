"""Reporting et alertes, as a visitor meets it."""

from base64 import b64decode
from urllib.parse import urlsplit

from ui.reviews_server import report
from ui.visitor import press, said, visit

CARD = "<!doctype html><title>Où ?</title><p>Où ?</p>"


def test_before_the_first_training_the_reports_say_what_to_do(page, api_server):
    api_server.items.clear()
    visit(page, "reports")
    assert "Aucun entraînement encore." in said(page)
    assert not page.get("plotly_chart")


def test_families_above_the_threshold_are_ok(page):
    visit(page, "reports")
    assert page.title[0].value == "Reporting et alertes"
    assert said(page).count("✓ OK") == 3
    assert "ALERTE" not in said(page)
    assert len(page.get("plotly_chart")) == 3
    assert page.get("download_button")[0].label == "Télécharger le CSV"


def test_how_sure_a_score_is_stands_beside_it_where_its_report_says_so(page, api_server):
    api_server.items = [report("gbc", 1, (0.85, 0.81, 0.9)), report("svm", 1, (0.86, 0.82, 0.9))]
    for end in ("low", "high"):  # a report of an earlier version
        del api_server.items[1][f"accuracy_{end}"]
    visit(page, "reports")
    assert '<small class="sp-sure">83,8 à 86,0\u00a0%</small><b>85,0\u00a0%</b>' in said(page)
    assert "accuracy</span><b>86,0\u00a0%</b>" in said(page)


def test_a_score_under_the_threshold_is_an_alert_that_names_it(page, api_server):
    api_server.items.append(report("gbc", 4, (0.85, 0.701, 0.9)))
    visit(page, "reports")
    assert said(page).count("⚠ ALERTE") == 1
    assert said(page).count("✓ OK") == 2
    assert "f1_0 : 70,1\u00a0% (seuil : 80\u00a0%)" in said(page)


def test_moving_the_threshold_asks_the_api_to_judge_again(page):
    visit(page, "reports")
    page.slider[0].set_value(95).run()
    assert said(page).count("⚠ ALERTE") == 3
    assert "accuracy : 89,0\u00a0% (seuil : 95\u00a0%)" in said(page)


def test_refreshing_shows_a_training_that_ended_meanwhile(page, api_server):
    visit(page, "reports")
    api_server.items.append(report("svm", 4, (0.5, 0.5, 0.5)))
    press(page, "Actualiser")
    assert "accuracy : 50,0\u00a0%" in said(page)


def test_a_fourth_family_appears_by_itself(page, api_server):
    api_server.items.append(report("camembert", 3, (0.97, 0.96, 0.98)))
    visit(page, "reports")
    assert "CAMEMBERT" in said(page)
    assert len(page.get("plotly_chart")) == 4


def test_a_report_page_whose_api_went_down_says_so(page, api_server):
    api_server.fail(500, {"code": "x", "detail": "disk full"}, "/reports")
    visit(page, "reports")
    assert "L’API a rencontré une erreur interne." in said(page)
    assert "disk full" in said(page)


def choose(page, place):
    """Choose a model of the list, the newest being the first."""
    return page.selectbox[0].select_index(place).run()


def cards_asked(api_server):
    return [path for path, _ in api_server.asked if path.endswith("/card.html")]


def test_the_models_whose_card_can_be_read_are_all_those_that_were_trained(page):
    visit(page, "reports")
    assert page.selectbox[0].label == "Modèle entraîné"
    assert page.selectbox[0].options[0] == "SVM · 21/11/2026 02:03:10 UTC · accuracy 89,0\u00a0%"
    assert len(page.selectbox[0].options) == 9


def test_no_card_is_asked_for_before_one_is_chosen(page, api_server):
    visit(page, "reports")
    assert cards_asked(api_server) == []
    assert not page.get("iframe")


def test_the_card_of_the_chosen_model_is_shown_apart_and_can_be_kept(page, api_server):
    api_server.cards["20261121T020310.000000Z-gbc"] = CARD
    visit(page, "reports")
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
    visit(page, "reports")
    choose(page, 1)
    choose(page, 2)
    (frame,) = page.get("iframe")
    assert b64decode(urlsplit(frame.proto.src).path.partition("base64,")[2]) == b"<p>ann"


def test_a_model_without_a_card_says_why_and_the_rest_of_the_page_stays(page):
    visit(page, "reports")
    choose(page, 0)
    assert "Ce modèle n’a pas de fiche à montrer ici." in said(page)
    assert "is &lt;of before&gt;" in said(page)
    assert not page.get("iframe")
    assert len(page.get("plotly_chart")) == 3


def test_a_visitor_who_opens_card_after_card_holds_only_fresh_ones(page, api_server, monkeypatch):
    for family in ("svm", "gbc", "ann"):
        api_server.cards[f"20261121T020310.000000Z-{family}"] = CARD
    monkeypatch.setattr("reviews_ui.session.FRESH_SECONDS", -1.0)  # the next click is too late
    visit(page, "reports")
    for place in range(3):
        choose(page, place)
    held = [name for name in page.session_state["answers"] if name.startswith("card ")]
    assert held == ["card 20261121T020310.000000Z-ann"]

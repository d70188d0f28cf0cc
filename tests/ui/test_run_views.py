"""The views of single runs: in detail, side by side, and the model card."""

from base64 import b64decode
from urllib.parse import urlsplit

import pytest

from reviews_ui.performance.card import file_name
from ui import reports_answers
from ui.reports_answers import former, whole
from ui.reviews_server import good_reports
from ui.visitor import said, visit

CARD = "<!doctype html><title>Où ?</title><p>Où ?</p>"
GBC, SVM, ANN = (f"20261121T020310.000000Z-{family}" for family in ("gbc", "svm", "ann"))
OLD_GBC = "20261121T020210.000000Z-gbc"


@pytest.fixture
def api_server(api_server):
    reports_answers.fill(api_server)
    return api_server


def look(page, view):
    return page.segmented_control(key="reports-view").set_value(view).run()


def reports_asked(api_server):
    return [path for path, _ in api_server.asked if path.startswith("/reports/")]


def cards_asked(api_server):
    return [path for path, _ in api_server.asked if path.endswith("/card.html")]


def framed(page):
    """Return the page of HTML that the one frame holds."""
    (frame,) = page.get("iframe")
    return b64decode(urlsplit(frame.proto.src).path.partition("base64,")[2]).decode()


def answer(api_server, run, change):
    """Have one run's report answered after a change."""
    item = next(item for item in api_server.items if item["run"] == run)
    api_server.route("GET", f"/reports/{run}", lambda _: (200, change(item)))


def test_no_report_is_asked_for_before_its_view_is_opened(page, api_server):
    visit(page, "reports")
    assert reports_asked(api_server) == []
    look(page, "run")
    assert reports_asked(api_server) == [f"/reports/{SVM}"]


def test_all_that_the_exam_found_is_shown(page):
    visit(page, "reports")
    look(page, "run")
    text = said(page)
    assert (
        "Le contrôle l’a laissé passer (les 14 questions du contrôle sont réussies)"
        in page.text[0].value
    )
    assert '<th scope="row">brier</th>' in text
    assert "0,055 à 0,079" in text
    assert "✓ 298" in text
    assert "(non renseigné)" in text
    assert "61 ou plus" in text
    assert "une seule classe dans cette tranche" in text
    assert "nettement au-dessous de tout l’examen" in text
    assert "†" in text
    assert "&lt;b&gt;Pilot" in text
    assert "Plus grand écart entre deux groupes : recall_0 46,0 pt." in page.text[1].value
    assert "modèle servi alors" in text
    (chart,) = page.get("plotly_chart")
    assert "le plus grand écart : 5,0\u00a0% annoncé, 10,0\u00a0% observé" in chart.proto.alt
    labels = [button.label for button in page.get("download_button")]
    assert labels == ["Tout le rapport (JSON)"]


def test_the_figures_of_the_calibration_curve_stand_beside_it_on_request(page):
    visit(page, "reports")
    look(page, "run")
    page.toggle(key="calibration-table").set_value(True).run()
    assert "90\u00a0% – 100\u00a0%" in said(page)
    assert "40\u00a0% – 50\u00a0%" not in said(page)  # no review fell there


def test_an_address_that_names_a_run_opens_it_once(page, api_server):
    page.query_params["run"] = OLD_GBC
    visit(page, "reports")
    page.query_params["run"] = OLD_GBC
    page.run()
    assert page.segmented_control(key="reports-view").value == "run"
    assert reports_asked(api_server) == [f"/reports/{OLD_GBC}"]
    look(page, "history")
    assert page.segmented_control(key="reports-view").value == "history"


def test_choosing_another_run_writes_it_into_the_address_and_stays_in_the_view(page):
    visit(page, "reports")
    look(page, "card")
    page.selectbox(key="card-choice").select(GBC).run()
    assert GBC in page.query_params["run"]
    assert page.segmented_control(key="reports-view").value == "card"
    look(page, "run")
    assert page.selectbox(key="run-choice").value == GBC


def test_an_address_that_names_no_run_says_so_and_others_can_be_chosen(page, api_server):
    page.query_params["run"] = "20200101T000000.000000Z-gbc"
    visit(page, "reports")
    page.query_params["run"] = "20200101T000000.000000Z-gbc"
    page.run()
    assert "n’existe pas, ou plus" in said(page)
    page.selectbox(key="run-choice").select(GBC).run()
    assert "Matrice de confusion" in said(page)


def test_a_damaged_report_is_said_to_be_damaged_and_the_rest_of_the_page_stays(page, api_server):
    api_server.fail(503, {"code": "artifact-damaged", "detail": "bad"}, f"/reports/{SVM}")
    visit(page, "reports")
    look(page, "run")
    assert "est endommagé et ne se lit plus" in said(page)
    assert "✓ Tout va bien" in said(page)


def test_a_report_of_an_earlier_version_shows_what_it_has(page, api_server):
    answer(api_server, SVM, former)
    visit(page, "reports")
    look(page, "run")
    assert "Rapport d’une version antérieure" in said(page)
    assert "accuracy" in said(page)
    assert said(page).count("Le rapport de ce modèle ne le dit pas.") == 3
    assert not page.get("plotly_chart")


def test_a_report_without_slices_alone_shows_the_rest(page, api_server):
    answer(api_server, SVM, lambda item: whole(item) | {"slices": None})
    visit(page, "reports")
    look(page, "run")
    assert said(page).count("Le rapport de ce modèle ne le dit pas.") == 1
    assert "✓ 298" in said(page)


def test_half_a_report_is_not_worked_on(page, api_server):
    answer(api_server, SVM, lambda item: {"family": "svm"})
    visit(page, "reports")
    look(page, "run")
    assert "n’est pas celle attendue" in said(page)


def test_two_runs_of_a_family_are_compared_with_their_intervals(page):
    visit(page, "reports")
    look(page, "compare")
    text = said(page)
    assert page.selectbox(key="compare-b").value == SVM
    assert page.selectbox(key="compare-a").value == "20261121T020210.000000Z-svm"
    assert "+1,0 pt" in text
    assert "= les intervalles se recouvrent" in text
    assert "Les examens diffèrent (1\u202f002 et 1\u202f003 avis)" in text
    assert "Étoiles = 1" in text


def test_where_one_served_when_the_other_was_judged_the_sharper_comparison_is_shown(page):
    visit(page, "reports")
    look(page, "compare")
    assert "**Comparaison appariée.**" in said(page)
    assert "+1,4 pt … +2,6 pt" in said(page)


def test_where_intervals_are_apart_it_is_said_which_is_better(page, api_server):
    for item in api_server.items:
        if item["run"] == GBC:
            scores = {"accuracy": 0.95, "accuracy_low": 0.94, "accuracy_high": 0.96}
            item.update(scores)
    visit(page, "reports")
    look(page, "compare")
    page.selectbox(key="compare-b").select(GBC).run()
    assert "▲ meilleur" in said(page)
    page.selectbox(key="compare-b").select(OLD_GBC).run()
    page.selectbox(key="compare-a").select(GBC).run()
    assert "▼ moins bon" in said(page)
    assert "−1,4 pt" in said(page) or "−2,6 pt" in said(page)


def test_runs_of_two_families_have_no_paired_comparison(page):
    visit(page, "reports")
    look(page, "compare")
    page.selectbox(key="compare-a").select(ANN).run()
    assert "Aucun des deux ne servait" in said(page)


def test_scores_without_intervals_are_compared_without_a_verdict(page, api_server):
    answer(api_server, SVM, former)
    visit(page, "reports")
    look(page, "compare")
    assert "? sans intervalle" in said(page)


def test_a_run_is_not_compared_with_itself(page):
    visit(page, "reports")
    look(page, "compare")
    page.selectbox(key="compare-a").select(SVM).run()
    assert "C’est le même modèle" in said(page)


def test_it_takes_two_runs_to_compare(page, api_server):
    api_server.items = good_reports(1)[:1]
    visit(page, "reports")
    look(page, "compare")
    assert "Il faut deux entraînements pour comparer." in said(page)


def test_of_one_damaged_report_the_comparison_says_which_and_stops(page, api_server):
    api_server.fail(503, {"code": "artifact-damaged", "detail": "bad"}, f"/reports/{SVM}")
    visit(page, "reports")
    look(page, "compare")
    assert "est endommagé et ne se lit plus" in said(page)


def test_the_models_whose_card_can_be_read_are_all_those_that_were_trained(page, api_server):
    visit(page, "reports")
    assert cards_asked(api_server) == []
    look(page, "card")
    choice = page.selectbox(key="card-choice")
    assert choice.label == "Modèle entraîné"
    assert choice.options[0] == "SVM · 21/11/2026 02:03:10 UTC · accuracy 89,0\u00a0%"
    assert len(choice.options) == 9


def test_the_card_of_the_chosen_model_is_shown_apart_and_can_be_kept(page, api_server):
    api_server.cards[GBC] = api_server.french_cards[GBC] = CARD
    visit(page, "reports")
    look(page, "card")
    page.selectbox(key="card-choice").select(GBC).run()
    assert cards_asked(api_server)[-1] == f"/models/{GBC}/card.html"
    (frame,) = page.get("iframe")
    address = urlsplit(frame.proto.src)
    assert (address.scheme, address.fragment) == ("data", "light")
    assert framed(page) == CARD
    assert frame.proto.srcdoc == ""  # as text it would share the origin of the page
    labels = [button.label for button in page.get("download_button")]
    assert labels == ["Télécharger la fiche (HTML)"]
    assert "Où" not in said(page)


def test_a_card_is_read_in_the_language_that_its_reader_chose(page, api_server):
    api_server.cards[SVM], api_server.french_cards[SVM] = "<p>Where?</p>", CARD
    visit(page, "reports")
    look(page, "card")
    assert framed(page) == CARD
    assert "n’existe qu’en" not in said(page)
    page.segmented_control(key="language-switch").set_value("en").run()
    assert framed(page) == "<p>Where?</p>"
    assert "alone" not in said(page)


def test_a_card_of_before_the_french_ones_says_in_which_language_it_is(page, api_server):
    api_server.cards[SVM] = CARD
    visit(page, "reports")
    look(page, "card")
    assert framed(page) == CARD
    assert "Cette fiche n’existe qu’en anglais" in said(page)


def test_a_french_card_is_kept_under_a_name_of_its_own():
    assert file_name(GBC, "fr") == f"{GBC}.fr.html"
    assert file_name(GBC, "en") == f"{GBC}.html"


def test_a_model_without_a_card_says_why_and_the_rest_of_the_page_stays(page):
    visit(page, "reports")
    look(page, "card")
    assert "Ce modèle n’a pas de fiche à montrer ici." in said(page)
    assert "is &lt;of before&gt;" in said(page)
    assert not page.get("iframe")
    assert "✓ Tout va bien" in said(page)


def test_a_visitor_who_opens_card_after_card_holds_only_fresh_ones(page, api_server, monkeypatch):
    for run in (SVM, GBC, ANN):
        api_server.cards[run] = CARD
    monkeypatch.setattr("reviews_ui.session.FRESH_SECONDS", -1.0)  # the next click is too late
    visit(page, "reports")
    look(page, "card")
    for run in (GBC, ANN):
        page.selectbox(key="card-choice").select(run).run()
    held = [name for name in page.session_state["answers"] if name.startswith("card ")]
    assert held == [f"card {ANN} fr"]

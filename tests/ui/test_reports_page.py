"""Reporting et alertes, as a visitor meets it: the verdict, the cards, the history, its states."""

import pytest

from ui import reports_answers
from ui.reports_answers import alert, slice_alert
from ui.reviews_server import METRICS, good_reports, report
from ui.visitor import press, said, visit


@pytest.fixture
def api_server(api_server):
    reports_answers.fill(api_server)
    return api_server


def asked(api_server, path):
    return [one for one, _ in api_server.asked if one == path]


def look(page, view):
    return page.segmented_control(key="reports-view").set_value(view).run()


def charts(page, kind="history"):
    return [one for one in page.get("plotly_chart") if f"-{kind}-" in one.proto.id]


def test_before_the_first_training_the_reports_say_what_to_do(page, api_server):
    api_server.items.clear()
    visit(page, "home")
    api_server.asked.clear()
    page.switch_page("app_pages/reports.py").run()
    assert "Aucun entraînement encore." in said(page)
    assert not page.get("plotly_chart")
    assert not asked(api_server, "/alerts")


def test_a_history_of_damaged_reports_alone_says_so(page, api_server):
    api_server.items.clear()
    api_server.unreadable.append("20260101T020310.000000Z-svm")
    visit(page, "reports")
    assert "laissés de côté : 1 (20260101T020310.000000Z-svm)" in said(page)


def test_where_all_is_well_one_glance_says_so(page):
    visit(page, "reports")
    assert page.title[0].value == "Reporting et alertes"
    assert "<strong>✓ Tout va bien</strong>" in said(page)
    assert "(ANN, GBC, SVM) dépassent tous 80\u00a0% sur l’examen" in said(page)
    assert said(page).count("✓ OK") == 3
    assert "ALERTE" not in said(page)
    assert len(charts(page)) == 3


def test_in_english_too(page):
    visit(page, "reports")
    page.segmented_control(key="language-switch").set_value("en").run()
    assert "<strong>✓ All is well</strong>" in said(page)
    assert "are all above 80% on the exam" in said(page)
    assert "Champion: **SVM**, since 2026-11-21 02:04 UTC." in said(page)


def test_how_sure_a_score_is_stands_beside_it_where_its_report_says_so(page, api_server):
    api_server.items = [report("gbc", 1, (0.85, 0.81, 0.9)), report("svm", 1, (0.86, 0.82, 0.9))]
    for end in ("low", "high"):  # a report of an earlier version
        del api_server.items[1][f"accuracy_{end}"]
    visit(page, "reports")
    assert '<small class="sp-sure">83,8 à 86,0\u00a0%</small><b>85,0\u00a0%</b>' in said(page)
    assert "accuracy</span><b>86,0\u00a0%</b>" in said(page)


def test_a_score_under_the_threshold_is_an_alert_that_names_score_and_run(page, api_server):
    api_server.items.append(report("gbc", 4, (0.85, 0.701, 0.9)))
    visit(page, "reports")
    assert "<strong>⚠ ALERTE · 1</strong>" in said(page)
    assert "GBC · f1_0 : 70,1\u00a0% (seuil : 80\u00a0%)" in said(page)
    assert "modèle 20261121T020410.000000Z-gbc" in said(page)
    assert said(page).count("✓ OK") == 2


def test_a_slice_in_alert_is_named_even_where_all_scores_are_well(page, api_server):
    found = [slice_alert(), slice_alert(2, slice="year: (none)", ended_at="2026-11-21T04:00:00Z")]
    api_server.route("GET", "/alerts", lambda _: (200, {"items": found, "open": 1}))
    visit(page, "reports")
    assert "<strong>⚠ ALERTE · 1</strong>" in said(page)
    assert "SVM · accuracy : 71,2\u00a0% (seuil : 80\u00a0%) · tranche Source = TrustPilot" in said(
        page
    )


def test_what_scores_and_kept_alerts_both_know_is_named_once(page, api_server):
    api_server.items.append(report("gbc", 4, (0.85, 0.701, 0.9)))
    run = api_server.items[-1]["run"]
    known = alert(1, kind="performance", family="gbc", metric="f1_0", run=run, value=0.701,
                  threshold=0.8)  # fmt: skip
    failed = alert(2, kind="retraining-failed", run="manual__2026-11-21")
    found = {"items": [known, failed], "open": 2}
    api_server.route("GET", "/alerts", lambda _: (200, found))
    visit(page, "reports")
    assert "<strong>⚠ ALERTE · 2</strong>" in said(page)
    assert "entraînement en échec" in said(page)
    assert "run Airflow manual__2026-11-21" in said(page)
    assert "detail &lt;2&gt;" in said(page)


def test_the_button_of_an_alert_opens_its_run(page, api_server):
    api_server.items.append(report("gbc", 4, (0.85, 0.701, 0.9)))
    run = api_server.items[-1]["run"]
    visit(page, "reports")
    press(page, f"Ouvrir {run}")
    assert page.segmented_control(key="reports-view").value == "run"
    assert asked(api_server, f"/reports/{run}")


def test_an_api_that_keeps_no_alerts_leaves_a_verdict_that_says_what_it_rests_on(page, api_server):
    api_server.fail(404, {"code": "not-found", "detail": "no route <here>"}, "/alerts")
    visit(page, "reports")
    assert "✓ Tout va bien" in said(page)
    assert "n’a pas pu être lue (no route &lt;here&gt;)" in said(page)


def test_a_damaged_report_is_named_and_the_others_are_shown(page, api_server):
    api_server.unreadable.append("20260101T020310.000000Z-svm")
    visit(page, "reports")
    assert "Rapports endommagés, laissés de côté : 1" in said(page)
    assert len(charts(page)) == 3


def test_moving_the_threshold_asks_the_api_to_judge_again(page):
    visit(page, "reports")
    page.slider[0].set_value(95).run()
    assert "<strong>⚠ ALERTE · 9</strong>" in said(page)
    assert "et 3 de plus" in said(page)
    assert "accuracy : 89,0\u00a0% (seuil : 95\u00a0%)" in said(page)


def test_refreshing_shows_a_training_that_ended_meanwhile(page, api_server):
    visit(page, "reports")
    api_server.items.append(report("svm", 4, (0.5, 0.5, 0.5)))
    press(page, "Actualiser")
    assert "accuracy : 50,0\u00a0%" in said(page)


def test_a_fourth_family_appears_by_itself_and_can_be_looked_at_alone(page, api_server):
    api_server.items.append(report("camembert", 3, (0.97, 0.96, 0.98)))
    visit(page, "reports")
    assert "CAMEMBERT" in said(page)
    assert len(charts(page)) == 4
    page.pills(key="history-families").set_value(["camembert"]).run()
    assert len(charts(page)) == 1


def test_a_report_page_whose_api_went_down_says_so(page, api_server):
    api_server.fail(500, {"code": "x", "detail": "disk full"}, "/reports")
    visit(page, "reports")
    assert "L’API a rencontré une erreur interne." in said(page)
    assert "disk full" in said(page)


def test_the_scores_are_chosen_by_the_reader_and_asked_for_when_chosen(page, api_server):
    visit(page, "reports")
    assert len(asked(api_server, "/reports")) == 1
    page.multiselect(key="history-metrics").set_value(["recall_0", "log_loss"]).run()
    assert len(asked(api_server, "/reports")) == 2
    assert "recall_0 <small>avis négatifs retrouvés</small>" in said(page)
    assert len(charts(page)) == 3
    assert len(charts(page, "loss")) == 3


def test_scores_that_no_report_has_leave_no_empty_chart(page, api_server):
    for item in api_server.items:
        item.pop("macro_f1", None)
    visit(page, "reports")
    page.multiselect(key="history-metrics").set_value(["macro_f1"]).run()
    assert said(page).count("Les rapports de cette famille n’ont pas ces scores.") == 3
    assert not charts(page)


def test_no_score_chosen_is_no_mistake(page):
    visit(page, "reports")
    page.multiselect(key="history-metrics").set_value([]).run()
    assert "Choisissez au moins un score." in said(page)


@pytest.mark.parametrize("axis", ["time", "version"])
def test_the_axis_is_chosen_by_the_reader(page, axis):
    visit(page, "reports")
    before = charts(page)[0].proto.spec
    page.segmented_control(key="history-axis").set_value(axis).run()
    assert charts(page)[0].proto.spec != before


def test_every_chart_says_in_words_what_it_shows(page):
    visit(page, "reports")
    assert charts(page)[0].proto.alt == (
        "Famille ANN, 3 entraînements ; au dernier : accuracy 89,0\u00a0%, f1_0 84,0\u00a0%, "
        "f1_1 91,0\u00a0% ; seuil 80\u00a0%."
    )


def test_the_champions_reign_is_told_and_drawn(page):
    visit(page, "reports")
    assert "Champion : **SVM**, depuis le 21/11/2026 02:04 UTC." in said(page)
    (chart,) = [one for one in page.get("plotly_chart") if one.proto.id.endswith("champions")]
    assert "2 promotions, 1 modèles retenus, 1 retours en arrière" in chart.proto.alt
    page.toggle(key="champion-table").set_value(True).run()
    assert "all &lt;checks&gt; passed" in said(page)


def test_a_history_of_decisions_that_was_changed_leaves_the_scores(page, api_server):
    api_server.fail(503, {"code": "artifact-damaged", "detail": "line 3"}, "/promotions")
    visit(page, "reports")
    assert "est endommagé et ne se lit plus" in said(page)
    assert len(charts(page)) == 3


def test_before_the_first_decision_there_is_no_champion(page, api_server):
    api_server.route("GET", "/promotions", lambda _: (200, {"items": [], "total": 0}))
    visit(page, "reports")
    assert "Aucune décision encore" in said(page)


def test_the_table_and_its_files_are_there_on_request(page):
    visit(page, "reports")
    labels = [button.label for button in page.get("download_button")]
    assert labels == ["Télécharger le CSV", "Télécharger le JSON"]
    assert "<td" not in said(page)
    page.toggle(key="history-table").set_value(True).run()
    assert said(page).count("<tr>") == 1 + 9


def test_five_hundred_runs_are_shown_a_hundred_at_a_time_unless_all_are_asked_for(page, api_server):
    one = good_reports(1)[0]
    api_server.items = [
        one | {"run": f"{number:04d}-ann", "dataset_version": number} for number in range(500)
    ]
    visit(page, "reports")
    assert page.segmented_control(key="history-window").value == 100
    assert "Famille ANN, 100 entraînements" in charts(page)[0].proto.alt
    page.segmented_control(key="history-window").set_value(0).run()
    assert "Famille ANN, 500 entraînements" in charts(page)[0].proto.alt
    page.toggle(key="history-table").set_value(True).run()
    assert said(page).count("<tr>") == 1 + 100
    assert "Les 100 plus récents de 500" in said(page)


def test_the_view_of_alerts_has_open_and_ended_ones(page, api_server):
    found = [slice_alert(), alert(2, kind="new-kind", ended_at="2026-11-21T05:00:00Z")]
    api_server.route("GET", "/alerts", lambda _: (200, {"items": found, "open": 1}))
    visit(page, "reports")
    look(page, "alerts")
    assert "⚠ ouverte" in said(page)
    assert "✓ finie" in said(page)
    assert "new-kind" in said(page)


def test_the_view_of_alerts_says_where_there_are_none_and_where_they_cannot_be_read(
    page, api_server
):
    visit(page, "reports")
    look(page, "alerts")
    assert "Aucune alerte, ni ouverte ni passée." in said(page)
    api_server.fail(500, {"code": "x", "detail": "no"}, "/alerts")
    press(page, "Actualiser")
    assert "L’API a rencontré une erreur interne." in said(page)


def test_one_run_alone_is_a_point_in_each_chart(page, api_server):
    api_server.items = good_reports(1)
    visit(page, "reports")
    assert len(charts(page)) == len(api_server.items)
    assert all(metric in charts(page)[0].proto.alt for metric in METRICS)


def test_a_view_asks_only_for_what_it_shows(page, api_server):
    visit(page, "reports")
    api_server.asked.clear()
    look(page, "alerts")
    assert not asked(api_server, "/promotions")

"""Charts: pure functions from values to figures."""

from dataclasses import replace

import pytest

from reviews_ui.api.decisions import Decisions, Reign, reigns
from reviews_ui.api.reports import Training
from reviews_ui.api.run_report import Bin
from reviews_ui.charts import dates_shown, history, loss_range, score_range
from reviews_ui.palette import STYLES
from reviews_ui.performance.figures import calibration, champions
from ui.reports_answers import decisions

METRICS = ("accuracy", "f1_0", "f1_1")


def training(run, *scores, family="gbc"):
    return Training(
        family=family,
        run=f"run-{run}",
        dag_run="",
        date_heure=f"2026-11-21 02:{run:02d}:10",
        rows=7_900,
        dataset_version=run,
        train_seconds=1.0,
        scores=dict(zip(METRICS, scores, strict=True)),
    )


def test_three_lines_and_the_threshold_over_the_runs():
    items = [training(1, 0.88, 0.7, 0.92), training(2, 0.9, 0.75, 0.93)]
    figure = history(items, METRICS, 0.8, (0.6, 1.01))
    assert [trace.name for trace in figure.data] == list(METRICS)
    assert list(figure.data[1].y) == [0.7, 0.75]
    assert [shape.y0 for shape in figure.layout.shapes] == [0.8]
    assert figure.layout.xaxis.ticktext == ("21/11<br>02:01", "21/11<br>02:02")
    assert list(figure.layout.yaxis.range) == [0.6, 1.01]


def test_an_interval_is_drawn_as_far_as_it_reaches_and_lies_inside_the_range():
    sure = replace(training(1, 0.88, 0.7, 0.92), ends={"f1_0": (0.55, 0.75)})
    figure = history([sure], METRICS, 0.8, (0.6, 1.01))
    bars = figure.data[1].error_y
    assert [*bars.arrayminus, *bars.array] == pytest.approx([0.15, 0.05])
    assert list(figure.data[0].error_y.array) == [0.0]
    assert figure.data[1].customdata[0][1] == "70,00\u00a0% (55,0 à 75,0\u00a0%)"
    assert score_range([sure], 0.8, METRICS)[0] == pytest.approx(0.5)


def test_many_runs_show_lines_with_bands_instead_of_bars():
    """A run without an interval is left out of the band, and stays in the line."""
    items = [
        replace(training(run, 0.88, 0.7, 0.92), ends={"accuracy": (0.86, 0.9)} if run else {})
        for run in range(21)
    ]
    figure = history(items, METRICS, 0.8, (0.6, 1.01))
    band, line = figure.data[0], figure.data[1]
    assert line.error_y.array is None
    assert set(band.y) == {0.86, 0.9}
    assert len(band.x) == 2 * 20
    assert len(line.y) == 21


def test_a_score_that_a_run_lacks_leaves_a_gap():
    items = [training(1, 0.88, 0.7, 0.92), training(2, 0.88, 0.7, 0.92)]
    items[1] = replace(items[1], scores={"accuracy": 0.9})
    assert list(history(items, METRICS, 0.8, (0.6, 1.01)).data[1].y) == [0.7, None]


def test_runs_stand_at_even_distances_at_their_time_or_at_the_version_of_their_data():
    items = [replace(training(run, 0.88, 0.7, 0.92), dataset_version=run // 2) for run in (2, 3, 8)]
    places = {
        axis: list(history(items, METRICS, 0.8, (0.6, 1.01), "light", axis).data[0].x)
        for axis in ("runs", "time", "version")
    }
    assert places["runs"] == [0, 1, 2]
    assert places["time"][2] == "2026-11-21 02:08:10"
    assert places["version"] == [1, 1, 4]


def test_losses_are_drawn_from_nought_without_a_threshold():
    item = replace(training(1, 0.88, 0.7, 0.92), scores={"log_loss": 0.4}, ends={})
    low, high = loss_range([item], ["log_loss"])
    assert (low, high) == (0.0, pytest.approx(0.44))
    assert not history([item], ["log_loss"], None, (low, high)).layout.shapes


def test_the_marks_of_a_calibration_curve_grow_with_the_reviews_behind_them():
    bins = [Bin(0.0, 0.1, 4, 0.05, 0.08), Bin(0.9, 1.0, 400, 0.95, 0.97)]
    marks = calibration(bins).data[1].marker.size
    assert marks[0] < marks[1] == 24


def test_a_reign_ends_where_the_next_begins_and_the_first_may_be_older_than_what_is_known():
    found = Decisions.parse({"items": decisions(), "total": 6})
    assert reigns(found) == (
        Reign("gbc", "2026-11-21T02:01:30.000000Z", "2026-11-21T02:04:30.000000Z"),
        Reign("svm", "2026-11-21T02:04:30.000000Z", None),
    )
    later = Decisions(found.items[2:], 6)
    assert reigns(later)[0] == Reign("gbc", None, "2026-11-21T02:04:30.000000Z")
    assert reigns(Decisions((), 0)) == ()


def test_the_champion_is_a_bar_and_each_decision_a_mark_of_its_own_form():
    found = Decisions.parse({"items": decisions(), "total": 6})
    figure = champions(reigns(found), found.items, ("ann", "gbc", "svm"))
    assert [trace.y[0] for trace in figure.data[:2]] == ["GBC", "SVM"]
    forms = {trace.name: (trace.marker.symbol, len(trace.x)) for trace in figure.data[2:]}
    assert forms == {
        "promoted": ("triangle-up", 2),
        "held": ("triangle-down-open", 1),
        "rolled-back": ("triangle-left", 1),
    }


def test_a_single_run_shows_as_markers():
    figure = history([training(1, 0.88, 0.7, 0.92)], METRICS, 0.8, (0.6, 1.01))
    assert all("markers" in trace.mode for trace in figure.data)
    low, high = figure.layout.xaxis.range
    assert low < 0 < high


def test_a_score_without_a_style_of_its_own_is_drawn_too():
    item = training(1, 0.88, 0.7, 0.92)
    with_more = Training(**{**vars(item), "scores": {**item.scores, "auc": 0.9}})
    figure = history([with_more], (*METRICS, "auc"), 0.8, (0.6, 1.01))
    assert figure.data[3].name == "auc"


def test_colour_marker_and_text_mark_each_tell_the_scores_apart():
    for attribute in ("color", "symbol", "mark"):
        assert len({getattr(style, attribute) for style in STYLES.values()}) == len(STYLES)


@pytest.mark.parametrize(
    ("scores", "threshold", "low"),
    [
        ((0.95, 0.93, 0.96), 0.80, 0.7),
        ((0.95, 0.62, 0.96), 0.80, 0.5),
        ((0.95, 0.93, 0.96), 0.50, 0.4),
        ((0.01, 0.0, 0.02), 0.80, 0.0),
    ],
)
def test_all_scores_and_the_threshold_lie_inside_the_range(scores, threshold, low):
    found, high = score_range([training(1, *scores)], threshold, METRICS)
    assert found == pytest.approx(low)
    assert high > 1


def test_dates_are_few_evenly_spread_and_hold_both_ends():
    assert dates_shown(0) == []
    assert dates_shown(3) == [0, 1, 2]
    assert dates_shown(40) == [0, 13, 26, 39]

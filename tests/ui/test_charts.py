"""Charts: pure functions from values to figures."""

from dataclasses import replace

import pytest

from reviews_ui.api.reports import Training
from reviews_ui.charts import dates_shown, history, score_range
from reviews_ui.palette import STYLES

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
    assert score_range([sure], 0.8)[0] == pytest.approx(0.5)


def test_many_runs_show_lines_without_error_bars():
    items = [training(run, 0.88, 0.7, 0.92) for run in range(21)]
    assert not history(items, METRICS, 0.8, (0.6, 1.01)).data[0].error_y.visible


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
    found, high = score_range([training(1, *scores)], threshold)
    assert found == pytest.approx(low)
    assert high > 1


def test_dates_are_few_evenly_spread_and_hold_both_ends():
    assert dates_shown(0) == []
    assert dates_shown(3) == [0, 1, 2]
    assert dates_shown(40) == [0, 13, 26, 39]

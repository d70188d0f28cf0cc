"""Any two runs side by side: what differs, and whether chance may be all of it."""

from collections.abc import Iterator, Mapping

import streamlit as st

from reviews_ui import metrics
from reviews_ui.api.reports import Reports
from reviews_ui.api.run_report import SLICED, Group, RunReport
from reviews_ui.i18n import t, whole
from reviews_ui.performance import heat
from reviews_ui.performance.asking import CHOSEN, report_of, select
from reviews_ui.performance.names import group_named, kind_of_slice


def compare(reports: Reports) -> None:
    """Draw the view."""
    runs = [item.run for item in reports.newest_first()]
    if len(runs) < 2:
        st.info(t("compare.one"), icon=":material/info:")
        return
    st.markdown(t("compare.intro"))
    new = st.session_state.get(CHOSEN)
    place = runs.index(new) if new in runs else 0
    left, right = st.columns(2)
    with left:
        second = select(runs, place, "compare-b", t("compare.b"), reports)
    with right:
        before = _before(reports, second)
        first = select(runs, runs.index(before), "compare-a", t("compare.a"), reports)
    if first == second:
        st.info(t("compare.same"), icon=":material/info:")
        return
    one, two = report_of(first), report_of(second)
    if one is None or two is None:
        return
    if (one.exam_rows, one.exam_texts) != (two.exam_rows, two.exam_texts):
        exams = {
            "one": whole(one.exam_rows) if one.exam_rows else "?",
            "two": whole(two.exam_rows) if two.exam_rows else "?",
        }
        st.info(t("compare.exams", **exams), icon=":material/straighten:")
    st.html(_scores(one, two))
    _paired(one, two)
    metric = st.segmented_control(
        t("compare.metric"), SLICED, default=SLICED[0], required=True, key="compare-metric"
    )
    st.html(_slices(one, two, metric or SLICED[0]))


def _before(reports: Reports, run: str) -> str:
    """Return the run that stands before in the same family, else any other."""
    item = next(item for item in reports.items if item.run == run)
    of_family = [one.run for one in reports.of(item.family)]
    place = of_family.index(run)
    if place:
        return of_family[place - 1]
    return next(one.run for one in reports.newest_first() if one.run != run)


def _scores(one: RunReport, two: RunReport) -> str:
    shared = [name for name in metrics.ALL if name in one.scores and name in two.scores]
    names = ("metric", "before", "after", "difference", "verdict")
    return heat.plain(
        t("compare.scores"),
        [t(f"compare.column.{name}") for name in names],
        [
            (
                metric,
                _sure(metric, one.scores[metric], one.ends.get(metric)),
                _sure(metric, two.scores[metric], two.ends.get(metric)),
                metrics.points(metric, two.scores[metric] - one.scores[metric]),
                _verdict(
                    metric,
                    two.scores[metric] - one.scores[metric],
                    metrics.overlap(one.ends.get(metric), two.ends.get(metric)),
                ),
            )
            for metric in shared
        ],
    )


def _verdict(metric: str, difference: float, overlapping: bool | None) -> str:
    if overlapping is None:
        return t("compare.unknown")
    if overlapping:
        return t("compare.overlap")
    better = (difference > 0) is not metrics.is_loss(metric)
    return f"▲ {t('compare.better')}" if better else f"▼ {t('compare.worse')}"


def _sure(metric: str, value: float, ends: tuple[float, float] | None) -> str:
    sure = metrics.interval(metric, ends)
    return metrics.written(metric, value, 2) + (f" ({sure})" if sure else "")


def _paired(one: RunReport, two: RunReport) -> None:
    """Show the sharper comparison that a report holds where the other run served then."""
    for new, old, sign in ((two, one, 1), (one, two, -1)):
        for other in new.beside:
            if other.run == old.run and other.differences:
                st.markdown(t("compare.paired"))
                st.html(heat.plain(t("compare.paired.title"), *_pairs(other.differences, sign)))
                return
    st.caption(t("compare.unpaired"))


def _pairs(
    differences: Mapping[str, tuple[float, float, float]], sign: int
) -> tuple[list[str], list[tuple[str, str, str, str]]]:
    rows = []
    for metric, (value, low, high) in differences.items():
        ends = sorted((sign * low, sign * high))
        shown = "better" if ends[0] > 0 else "worse" if ends[1] < 0 else "chance"
        rows.append(
            (
                metric,
                metrics.points(metric, sign * value),
                f"{metrics.points(metric, ends[0])} … {metrics.points(metric, ends[1])}",
                t(f"compare.{shown}"),
            )
        )
    names = ("metric", "difference", "interval", "verdict")
    return [t(f"compare.column.{name}") for name in names], rows


def _slices(one: RunReport, two: RunReport, metric: str) -> str:
    names = ("slice", "rows", "before", "after", "difference", "verdict")
    return heat.plain(
        t("compare.slices", metric=metric),
        [t(f"compare.column.{name}") for name in names],
        [
            (
                f"{kind_of_slice(kind)} = {group_named(new.name)}" + (" †" if new.few else ""),
                f"{whole(old.rows)} → {whole(new.rows)}",
                _sure(metric, old.scores[metric], old.ends.get(metric)),
                _sure(metric, new.scores[metric], new.ends.get(metric)),
                metrics.points(metric, new.scores[metric] - old.scores[metric]),
                _verdict(
                    metric,
                    new.scores[metric] - old.scores[metric],
                    metrics.overlap(old.ends.get(metric), new.ends.get(metric)),
                ),
            )
            for kind, old, new in _shared(one, two)
            if metric in old.scores and metric in new.scores
        ],
    )


def _shared(one: RunReport, two: RunReport) -> Iterator[tuple[str, Group, Group]]:
    for kind, groups in two.slices.items():
        known = {group.name: group for group in one.slices.get(kind, ())}
        for group in groups:
            if group.name in known:
                yield kind, known[group.name], group

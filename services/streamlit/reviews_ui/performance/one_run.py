"""One run: the figure behind the figure."""

import json
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from reviews_ui import metrics, session
from reviews_ui.api.reports import Reports
from reviews_ui.api.run_report import COMPARED, SLICED, Bin, Group, RunReport
from reviews_ui.i18n import moment, percent, t, whole
from reviews_ui.performance import figures, heat
from reviews_ui.performance.asking import choose_run, report_of
from reviews_ui.performance.names import group_named, kind_of_slice
from reviews_ui.told import told

RULES = ("serving", "majority", "source_rule")


def one_run(reports: Reports) -> None:
    """Draw the view."""
    report = report_of(choose_run(reports, "run-choice", t("run.choose")))
    if report is None:
        return
    _about(report)
    st.subheader(t("run.scores"), anchor=False)
    st.html(_scores(report))
    if report.confusion or report.calibration:
        left, right = st.columns(2, border=True)
        with left:
            _confusion(report)
        with right:
            _calibration(report.calibration)
    _slices(report)
    with st.expander(t("run.fairness"), key="run-fairness"):
        _fairness(report)
    with st.expander(t("run.worth"), key="run-worth"):
        _worth(report)


def _about(report: RunReport) -> None:
    facts = [
        t(
            "run.about",
            family=report.family.upper(),
            moment=moment(report.date_heure),
            rows=whole(report.rows),
            version=report.dataset_version,
        )
    ]
    if report.exam_rows is not None and report.exam_texts is not None:
        rows, texts = whole(report.exam_rows), whole(report.exam_texts)
        facts.append(t("run.exam", rows=rows, texts=texts))
    if report.blessed is not None:
        name = "run.passed" if report.blessed else "run.held"
        facts.append(f"{'✓' if report.blessed else '✗'} {t(name)} ({told(report.gate)})")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text("  \n".join(facts))
        st.download_button(
            t("run.download"),
            data=json.dumps(report.raw, ensure_ascii=False, indent=2),
            file_name=f"{report.run}.json",
            mime="application/json",
            icon=":material/download:",
            on_click="ignore",
        )
    if not report.ends:
        st.info(t("run.early"), icon=":material/history:")


def _scores(report: RunReport) -> str:
    rows = []
    for metric in (name for name in metrics.ALL if name in report.scores):
        folds = ""
        if metric in report.folds and metric in report.spread:
            mean, spread = report.folds[metric], report.spread[metric]
            folds = f"{metrics.written(metric, mean)} ± {metrics.written(metric, spread)}"
        rows.append(
            (
                metric,
                metrics.meaning(metric),
                metrics.written(metric, report.scores[metric], 2),
                metrics.interval(metric, report.ends.get(metric)) or "–",
                folds or "–",
            )
        )
    names = ("metric", "meaning", "value", "interval", "folds")
    return heat.plain(t("run.scores"), [t(f"run.column.{name}") for name in names], rows)


def _confusion(report: RunReport) -> None:
    st.subheader(t("run.confusion"), anchor=False)
    if not report.confusion:
        st.caption(t("run.lacking"))
        return
    st.html(heat.confusion(report.confusion))
    st.caption(t("run.confusion.help"))


def _calibration(bins: Sequence[Bin]) -> None:
    st.subheader(t("run.calibration"), anchor=False)
    if not bins:
        st.caption(t("run.lacking"))
        return
    widest = max(bins, key=lambda one: abs(one.said - one.was))
    st.plotly_chart(
        figures.calibration(bins, session.theme()),
        key="calibration",
        config={"displayModeBar": False},
        theme=None,
        alt=t("run.calibration.alt", said=percent(widest.said), was=percent(widest.was)),
    )
    st.caption(t("run.calibration.help"))
    if st.toggle(t("run.calibration.table"), key="calibration-table"):
        names = ("bin", "rows", "said", "was")
        st.html(
            heat.plain(
                t("run.calibration"),
                [t(f"run.calibration.{name}") for name in names],
                [
                    (
                        f"{percent(one.low, 0)} – {percent(one.high, 0)}",
                        whole(one.rows),
                        percent(one.said),
                        percent(one.was),
                    )
                    for one in bins
                ],
            )
        )


def _slices(report: RunReport) -> None:
    st.subheader(t("run.slices"), anchor=False)
    if not report.slices:
        st.caption(t("run.lacking"))
        return
    st.caption(t("run.slices.help"))
    kinds = [(kind_of_slice(kind), _renamed(groups)) for kind, groups in report.slices.items()]
    st.html(heat.slices(kinds, report.scores, list(SLICED)))


def _renamed(groups: Sequence[Group]) -> list[Group]:
    return [replace(group, name=group_named(group.name)) for group in groups]


def _fairness(report: RunReport) -> None:
    if not report.fairness:
        st.caption(t("run.lacking"))
        return
    for kind, found in report.fairness.items():
        largest = group_named(found.largest)
        lines = [t("run.fairness.largest", kind=kind_of_slice(kind), largest=largest)]
        gap = {name: found.widest.get(f"{name}_difference") for name in ("recall_0", "recall_1")}
        if any(value is not None for value in gap.values()):
            told = " ; ".join(
                f"{name} {metrics.points(name, value).lstrip('+')}"
                for name, value in gap.items()
                if value is not None
            )
            lines.append(t("run.fairness.gap", gaps=told))
        st.text(" ".join(lines))
        title = f"{t('run.fairness')} · {kind_of_slice(kind)}"
        st.html(heat.fairness(title, _renamed(found.groups), COMPARED))
    st.caption(t("run.fairness.help"))


def _worth(report: RunReport) -> None:
    if not report.beside:
        st.caption(t("run.lacking"))
        return
    st.caption(t("run.worth.help"))
    rows = []
    for other in report.beside:
        name = t(f"worth.{other.name}") if other.name in RULES else other.name
        for metric, (value, low, high) in other.differences.items():
            shown = t("worth.shown") if low > 0 else t("worth.worse") if high < 0 else t("worth.no")
            rows.append(
                (
                    name,
                    metric,
                    metrics.written(metric, other.scores.get(metric, 0.0)),
                    metrics.points(metric, value),
                    f"{metrics.points(metric, low)} … {metrics.points(metric, high)}",
                    shown,
                )
            )
    names = ("other", "metric", "score", "difference", "interval", "verdict")
    st.html(heat.plain(t("run.worth"), [t(f"worth.column.{name}") for name in names], rows))

"""Scores over the runs, by time or by version of the data; who was champion; the data itself."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from reviews_ui import charts, markup, metrics, session, table
from reviews_ui.api import reports as api
from reviews_ui.api.errors import ApiError
from reviews_ui.api.reports import Reports, Training
from reviews_ui.i18n import language, percent, t, whole
from reviews_ui.performance.asking import tried
from reviews_ui.performance.champion import champion

PER_ROW = 3
MOST_SCORES = 4  # in one chart; beyond it nobody can tell the lines apart
WINDOWS = (20, 100)  # runs per family; 0 stands for all
AXES: tuple[charts.Axis, ...] = ("runs", "time", "version")
ROWS_SHOWN = 100
QUIET = {"displayModeBar": False}


def history(reports: Reports) -> None:
    """Draw the view."""
    chosen, axis, window, families = _controls(reports)
    if any(metric in api.FURTHER[1:] for metric in chosen):
        threshold = reports.threshold
        found = tried(
            f"further {threshold}", lambda: api.reports(session.api(), threshold, further=True)
        )
        if isinstance(found, ApiError):
            session.explain(found)
            return
        reports = found
    shown = {family: reports.of(family)[-window:] for family in families}
    scores = [metric for metric in chosen if not metrics.is_loss(metric)]
    losses = [metric for metric in chosen if metrics.is_loss(metric)]
    if not chosen:
        st.info(t("history.none"), icon=":material/info:")
    if scores:
        st.html(markup.legend(scores, reports.threshold))
        _charts(shown, scores, reports.threshold, axis)
    if losses:
        st.html(markup.legend(losses, None))
        _charts(shown, losses, None, axis)
    if chosen:
        st.caption(t("history.interval"))
    champion(families)
    _data(reports)


def _controls(reports: Reports) -> tuple[list[str], charts.Axis, int, tuple[str, ...]]:
    longest = max(len(reports.of(family)) for family in reports.families)
    windows = [*(number for number in WINDOWS if number < longest), 0]
    chosen = st.multiselect(
        t("history.metrics"),
        metrics.ALL,
        default=list(reports.metrics),
        format_func=metrics.named,
        max_selections=MOST_SCORES,
        key="history-metrics",
        placeholder=t("history.metrics.none"),
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        axis = st.segmented_control(
            t("history.axis"),
            AXES,
            default=AXES[0],
            required=True,
            format_func=lambda name: t(f"history.axis.{name}"),
            key="history-axis",
            wrap=True,
        )
        window = 0
        if len(windows) > 1:
            window = st.segmented_control(
                t("history.window"),
                windows,
                default=min(100, max(windows)),
                required=True,
                format_func=lambda number: (
                    t("history.last", count=whole(number))
                    if number
                    else t("history.all", count=whole(longest))
                ),
                key="history-window",
                wrap=True,
            )
        families = reports.families
        if len(families) > PER_ROW:
            picked = st.pills(
                t("history.families"),
                families,
                selection_mode="multi",
                default=list(families),
                format_func=str.upper,
                key="history-families",
            )
            families = tuple(family for family in families if family in picked) or families
    return chosen, axis or AXES[0], window or 0, families


def _charts(
    shown: dict[str, tuple[Training, ...]],
    chosen: Sequence[str],
    threshold: float | None,
    axis: charts.Axis,
) -> None:
    items = [item for of_family in shown.values() for item in of_family]
    y_range = (
        charts.loss_range(items, chosen)
        if threshold is None
        else charts.score_range(items, threshold, chosen)
    )
    families = list(shown)
    for start in range(0, len(families), PER_ROW):
        row = families[start : start + PER_ROW]
        for family, column in zip(row, st.columns(PER_ROW, border=True), strict=False):
            with column:
                st.markdown(f"**{family.upper()}**")
                _chart(family, shown[family], chosen, threshold, y_range, axis)


def _chart(
    family: str,
    items: tuple[Training, ...],
    chosen: Sequence[str],
    threshold: float | None,
    y_range: tuple[float, float],
    axis: charts.Axis,
) -> None:
    if not any(metric in item.scores for item in items for metric in chosen):
        st.caption(t("history.lacking"))
        return
    last = items[-1]
    now = ", ".join(
        f"{metric} {metrics.written(metric, last.scores[metric])}"
        for metric in chosen
        if metric in last.scores
    )
    st.plotly_chart(
        charts.history(items, chosen, threshold, y_range, session.theme(), axis),
        key=f"{'loss' if threshold is None else 'history'}-{family}",
        config=QUIET,
        theme=None,
        alt=t("chart.alt", family=family.upper(), count=whole(len(items)), now=now)
        if threshold is None
        else t(
            "chart.alt.threshold",
            family=family.upper(),
            count=whole(len(items)),
            now=now,
            threshold=percent(threshold, 0),
        ),
    )


def _data(reports: Reports) -> None:
    st.subheader(t("reports.table"), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        wanted = st.toggle(t("reports.table.show"), key="history-table")
        # Made when it is asked for, on another thread, which knows no visitor.
        st.download_button(
            t("reports.download"),
            data=partial(table.to_csv, reports, language()),
            file_name=t("reports.filename", kind="csv"),
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            t("reports.download.json"),
            data=partial(table.to_json, reports),
            file_name=t("reports.filename", kind="json"),
            mime="application/json",
            icon=":material/download:",
            on_click="ignore",
        )
    if wanted:
        if len(reports.items) > ROWS_SHOWN:
            shown, count = whole(ROWS_SHOWN), whole(len(reports.items))
            st.caption(t("reports.table.newest", shown=shown, count=count))
        st.html(markup.reports_table(reports, ROWS_SHOWN))

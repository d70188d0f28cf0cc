"""What the views share: asking without taking the page down, choosing a run."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from reviews_ui import metrics, session
from reviews_ui.api.errors import ApiError, Refused
from reviews_ui.api.reports import Reports, Training
from reviews_ui.api.run_report import RunReport, run_report
from reviews_ui.i18n import moment, t

T = TypeVar("T")
CHOSEN = "chosen-run"
"""Where the session keeps which run is looked at, over all views."""
FOLLOWED = "followed"
"""Where it keeps which run of the address has been opened: a link leads there once."""


def tried(name: str, ask: Callable[[], T]) -> T | ApiError:
    """Return the answer, or why there is none; only a session that is over is raised."""
    try:
        return session.fresh(name, ask)
    except Refused:
        raise
    except ApiError as error:
        return error


def report_of(run: str) -> RunReport | None:
    """Return the report of a run; where there is none, say why and return None."""
    with st.spinner(t("reports.loading")):
        found = tried(f"report {run}", lambda: run_report(session.api(), run))
    if isinstance(found, ApiError):
        session.explain(found)
        return None
    return found


def option(item: Training, metric: str) -> str:
    """Return how a run is listed where one is chosen."""
    return t(
        "card.option",
        family=item.family.upper(),
        moment=moment(item.date_heure),
        metric=metric,
        score=metrics.written(metric, item.scores[metric]),
    )


def choose_run(reports: Reports, key: str, label: str) -> str:
    """Let the visitor choose a run, and remember it for the other views and in the address."""
    runs = {item.run: item for item in reports.newest_first()}
    chosen = st.session_state.get(CHOSEN)
    options = [*runs] if chosen is None or chosen in runs else [chosen, *runs]

    def remember() -> None:
        run = st.session_state[key]
        st.session_state[CHOSEN] = st.session_state[FOLLOWED] = run
        st.query_params["run"] = run

    return select(options, options.index(chosen) if chosen else 0, key, label, reports, remember)


def select(
    options: Sequence[str],
    index: int,
    key: str,
    label: str,
    reports: Reports,
    on_change: Callable[[], None] | None = None,
) -> str:
    """Draw the list of runs; one that the history lacks is listed by its name."""
    runs = {item.run: item for item in reports.items}
    metric = reports.metrics[0]
    found: str = st.selectbox(
        label,
        options,
        index=index,
        key=key,
        format_func=lambda run: option(runs[run], metric) if run in runs else run,
        on_change=on_change,
    )
    return found

"""Reporting et alertes: the verdict first; behind it the figures, and the figures behind these."""

from pathlib import Path

import streamlit as st

from reviews_ui import markup, session
from reviews_ui.api import reports as api
from reviews_ui.api.alerts import kept_alerts
from reviews_ui.api.errors import ApiError
from reviews_ui.i18n import t
from reviews_ui.performance import verdict
from reviews_ui.performance.alert_list import alert_list
from reviews_ui.performance.asking import CHOSEN, FOLLOWED, tried
from reviews_ui.performance.card import card
from reviews_ui.performance.compare import compare
from reviews_ui.performance.history import history
from reviews_ui.performance.one_run import one_run

VIEWS = ("history", "run", "compare", "card", "alerts")
LINKS = 4  # buttons to runs in alert


def look_at(run: str) -> None:
    st.session_state[CHOSEN] = run
    st.session_state["reports-view"] = "run"
    st.session_state.pop("run-choice", None)


st.html(Path(__file__).parents[1] / "assets" / "reports.css")
# A link such as the one in Airflow names a run; once followed, the visitor goes where they like.
linked = st.query_params.get("run")
if linked and st.session_state.get(FOLLOWED) != linked:
    st.session_state[FOLLOWED] = linked
    look_at(linked)

st.title(t("reports.title"), anchor=False)
left, _, right = st.columns([3, 2, 1], vertical_alignment="bottom")
with left:
    threshold = st.slider(
        t("reports.threshold"),
        min_value=50,
        max_value=100,
        value=st.session_state.get("threshold", 80),
        format="%d %%",
        help=t("reports.threshold.help"),
    )
with right:
    st.button(
        t("reports.refresh"),
        icon=":material/refresh:",
        width="stretch",
        on_click=session.forget_answers,
    )
st.session_state["threshold"] = threshold
reports = session.fresh(f"reports {threshold}", lambda: api.reports(session.api(), threshold / 100))

if not reports.items:
    if reports.unreadable:
        runs = ", ".join(reports.unreadable[:5])
        count = len(reports.unreadable)
        st.warning(t("verdict.unreadable", count=count, runs=runs), icon=":material/broken_image:")
    st.info(f"**{t('reports.empty')}**  \n{t('reports.empty.todo')}", icon=":material/info:")
    st.stop()

kept = tried("alerts", lambda: kept_alerts(session.api()))
silent = (kept.detail or type(kept).__name__) if isinstance(kept, ApiError) else ""
red = verdict.reds(reports, () if isinstance(kept, ApiError) else kept.still_open())
st.html(verdict.banner(reports, red, silent))
of_alerts = list(dict.fromkeys(one.run for one in red if one.run and one.family))
if of_alerts:
    with st.container(horizontal=True):
        for run in of_alerts[:LINKS]:
            st.button(
                t("verdict.open", run=run),
                key=f"open-{run}",
                icon=":material/search:",
                on_click=look_at,
                args=(run,),
            )
st.subheader(t("reports.status"), anchor=False)
st.html(markup.status_cards(reports))

view = st.segmented_control(
    t("reports.view"),
    VIEWS,
    default=None if "reports-view" in st.session_state else VIEWS[0],
    required=True,
    format_func=lambda name: t(f"view.{name}"),
    key="reports-view",
    label_visibility="collapsed",
)
if view == "run":
    one_run(reports)
elif view == "compare":
    compare(reports)
elif view == "card":
    card(reports)
elif view == "alerts":
    alert_list(kept)
else:
    history(reports)

"""Retrain now, and watch: the tasks of the DAG as they go."""

from html import escape

import streamlit as st

from reviews_ui import session
from reviews_ui.api.errors import AirflowAway, ApiError, Refused
from reviews_ui.api.retraining import WAITING, Retraining, retrain, retraining, retrainings
from reviews_ui.i18n import moment, t
from reviews_ui.serving import markup

EVERY_SECONDS = 3
WATCHED = "retraining"
"""Where the session keeps the name of the retraining that it watches."""


def show(*, admin: bool) -> None:
    """Show what goes on and what was; let an admin start another."""
    st.markdown(t("retrain.intro"))
    try:
        with st.spinner(t("retrain.loading")):
            found = session.fresh("retrainings", lambda: retrainings(session.api()))
    except AirflowAway as error:
        session.explain(error)
        return
    going_on = next((one for one in found if one.goes_on), None)
    if going_on is not None:
        st.session_state[WATCHED] = going_on.id
    watched = st.session_state.get(WATCHED)
    if admin and going_on is None:
        _start()
    elif not admin:
        st.caption(t("retrain.reading"))
    if watched:
        # Where nothing goes on it is drawn once, and asks no more.
        live = going_on is not None
        st.fragment(_watch, run_every=EVERY_SECONDS if live else None)(watched, live=live)
    st.subheader(t("retrain.past"), anchor=False)
    if not found:
        st.info(t("retrain.none"), icon=":material/info:")
        return
    st.html(markup.retrainings_table(found))


def _start() -> None:
    with st.form("retrain", border=True):
        renew = st.checkbox(t("retrain.renew"), help=t("retrain.renew.help"))
        ask = st.checkbox(t("retrain.ask"), help=t("retrain.ask.help"))
        asked = st.form_submit_button(
            t("retrain.submit"), type="primary", icon=":material/autorenew:"
        )
    if not asked:
        return
    try:
        started = retrain(session.api(), renew_vectors=renew, ask_for_approval=ask)
    except AirflowAway as error:
        session.explain(error)
        return
    st.session_state[WATCHED] = started.id
    session.forget_answers()
    st.rerun()


def _watch(name: str, *, live: bool) -> None:
    """Draw one retraining as it is now; run again and again by Streamlit while it goes on."""
    try:
        one = retraining(session.api(), name)
    except Refused:  # told here, for the frame does not run again with a fragment
        session.sign_out(expired=True)
        st.rerun()
    except ApiError as error:
        session.explain(error)  # and it is asked again
        return
    _progress(one)
    if live and not one.goes_on:  # the rest of the page is drawn anew, with what came of it
        session.forget_answers()
        st.rerun()


def _progress(one: Retraining) -> None:
    with st.container(border=True):
        begun = f"{moment(one.started_at)} UTC" if one.started_at else t("retrain.not_yet")
        st.html(
            f'<div class="sp-running"><b>{escape(t("retrain.title", by=one.by))}</b>'
            f"{markup.retraining_state(one)}<small>{escape(begun)}</small></div>"
        )
        ended = round(one.done * len(one.tasks))
        st.progress(one.done, text=t("retrain.done", ended=ended, all=len(one.tasks)))
        st.html(markup.tasks_list(one))
        if one.state == WAITING:
            st.warning(t("retrain.approve"), icon=":material/approval:")
        if one.airflow_url:
            label = t("retrain.approve.go" if one.state == WAITING else "retrain.airflow")
            st.link_button(label, one.airflow_url, icon=":material/open_in_new:")

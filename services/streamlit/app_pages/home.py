"""Accueil: what Satispy does, the loop as it is now, and what to do next."""

from html import escape
from pathlib import Path
from typing import cast

import streamlit as st

from reviews_ui import session
from reviews_ui.api.accounts import Account
from reviews_ui.home.loop import loop
from reviews_ui.home.next_steps import Next, what_next
from reviews_ui.home.state import gather
from reviews_ui.i18n import t

MARKS = {"bad": "⚠", "todo": "→", "busy": "↻", "good": "✓"}
st.html(Path(__file__).parents[1] / "assets" / "home.css")


def told(step: Next, place: int) -> None:
    beside = {"horizontal": True, "vertical_alignment": "center"}
    with st.container(border=True, key=f"next-{place}", **beside):
        why = f"<p>{escape(step.why)}</p>" if step.why else ""
        st.html(
            f'<div class="sp-next sp-{step.tone}"><h3><i aria-hidden="true">{MARKS[step.tone]}</i>'
            f"{escape(step.title)}</h3>{why}</div>"
        )
        if step.url:
            st.link_button(step.label, step.url, icon=":material/open_in_new:")
        elif step.page:
            page = f"app_pages/{step.page}.py"
            st.page_link(
                page, label=step.label, icon=":material/arrow_forward:", query_params=step.query
            )


visitor = cast(Account, session.account())
st.title(t("nav.home"), anchor=False)
st.markdown(t("home.intro"))
with st.spinner(t("home.loading")):
    state = gather(session.api(), visitor)
st.html(loop(state))
if state.airflow_away:
    st.caption(t("home.airflow_away"))
st.subheader(t("home.next"), anchor=False)
for number, one in enumerate(what_next(state, visitor)):
    told(one, number)

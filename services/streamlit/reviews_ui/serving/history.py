"""Every decision on what serves, newest first."""

import streamlit as st

from reviews_ui import session
from reviews_ui.api.models import history
from reviews_ui.i18n import t, whole
from reviews_ui.serving import markup

PER_PAGE = 50


def show() -> None:
    """Show a page of the history."""
    page = int(st.session_state.get("history-page", 1))
    offset = (page - 1) * PER_PAGE
    with st.spinner(t("models.loading")):
        found = session.fresh(f"history {page}", lambda: history(session.api(), offset, PER_PAGE))
    if not found.total:
        st.info(t("decisions.none"), icon=":material/info:")
        return
    st.markdown(t("decisions.intro", total=whole(found.total)))
    st.html(markup.decisions_table(found.items))
    pages = -(-found.total // PER_PAGE)
    if pages > 1:
        st.number_input(t("decisions.page", pages=pages), 1, pages, key="history-page")

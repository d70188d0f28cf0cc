"""How the reviews are spread: stars, sources, companies, lengths, months."""

import streamlit as st

from reviews_ui import distributions, session
from reviews_ui.api.reviews import statistics
from reviews_ui.i18n import t, whole


def show() -> None:
    """Draw the distributions of the newest version."""
    spread = session.fresh("statistics", lambda: statistics(session.api()))
    if spread.rows == 0:
        st.info(f"**{t('data.empty')}**  \n{t('data.empty.todo')}", icon=":material/info:")
        return
    st.markdown(t("spread.intro", rows=whole(spread.rows), version=spread.version))
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader(t("spread.stars"), anchor=False)
        st.html(distributions.stars(spread))
        st.subheader(t("spread.lengths"), anchor=False)
        st.html(distributions.lengths(spread))
    with right:
        st.subheader(t("spread.sources"), anchor=False)
        st.html(distributions.sources(spread))
        if spread.companies:
            st.subheader(t("spread.companies"), anchor=False)
            st.html(distributions.companies(spread))
    st.subheader(t("spread.months"), anchor=False)
    if spread.months:
        st.html(distributions.months(spread))
    if spread.undated:
        st.caption(t("spread.undated", rows=whole(spread.undated)))

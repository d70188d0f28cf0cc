"""Prédiction à la demande: one text, a file of texts, and the corrections that came of them."""

import streamlit as st

from reviews_ui import session
from reviews_ui.i18n import t
from reviews_ui.views import batch, corrections, one_text
from reviews_ui.views.frame import show_tabs

st.title(t("predict.title"), anchor=False)
if not session.account().may("user"):
    st.info(f"**{t('predict.role')}**  \n{t('predict.role.todo')}", icon=":material/lock:")
    st.stop()
st.markdown(t("predict.intro"))
show_tabs(
    "prediction",
    {
        "text": (t("predict.tab.text"), one_text.show),
        "batch": (t("predict.tab.batch"), batch.show),
        "corrections": (t("predict.tab.corrections"), corrections.show),
    },
)

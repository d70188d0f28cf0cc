"""Stands here until its page is built."""

import streamlit as st

from reviews_ui.i18n import t

st.title(t("nav.models"), anchor=False)

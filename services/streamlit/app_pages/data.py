"""Données: reviews in, what became of them, and the base itself, to search and to look at."""

import streamlit as st

from reviews_ui import session
from reviews_ui.i18n import t
from reviews_ui.views import search, spread, upload, uploads
from reviews_ui.views.frame import show_tabs

admin = session.account().may("admin")
st.title(t("data.title"), anchor=False)
st.markdown(t("data.intro.admin" if admin else "data.intro"))
show_tabs(
    "data",
    {
        **({"upload": (t("data.tab.upload"), upload.show)} if admin else {}),
        "spread": (t("data.tab.spread"), spread.show),
        "search": (t("data.tab.search"), search.show),
        "uploads": (t("data.tab.uploads"), uploads.show),
        "versions": (t("data.tab.versions"), uploads.show_versions),
    },
)

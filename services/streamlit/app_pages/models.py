"""Modèles: what answers, what is held and why, retraining now, who decided, who may."""

from pathlib import Path
from typing import cast

import streamlit as st

from reviews_ui import session
from reviews_ui.api.accounts import Account
from reviews_ui.i18n import t
from reviews_ui.serving import accounts, candidates, history, retrainings, served

PARTS = ("served", "candidates", "retraining", "decisions", "users")
st.html(Path(__file__).parents[1] / "assets" / "home.css")
st.html(Path(__file__).parents[1] / "assets" / "models.css")
st.title(t("nav.models"), anchor=False)
st.markdown(t("models.intro"))
admin = cast(Account, session.account()).may("admin")
asked = st.query_params.get("part", "")
part = st.segmented_control(
    t("models.part"),
    PARTS,
    default=asked if asked in PARTS else PARTS[0],
    format_func=lambda name: t(f"models.part.{name}"),
    required=True,
    key="models-part",
    label_visibility="collapsed",
)
if part == "served":
    served.show(admin=admin)
elif part == "candidates":
    candidates.show(admin=admin)
elif part == "retraining":
    retrainings.show(admin=admin)
elif part == "decisions":
    history.show()
else:
    accounts.show(admin=admin)

"""Prédiction à la demande: one text in, every served family's answer side by side."""

from html import escape

import streamlit as st

from reviews_ui import markup, session
from reviews_ui.api.predictions import predict
from reviews_ui.i18n import t

LONGEST = 10_000  # characters, as the API allows


def write_example(name: str) -> None:
    st.session_state["review"] = t(f"predict.sample.{name}")
    st.session_state.pop("prediction", None)


st.title(t("predict.title"), anchor=False)
st.markdown(t("predict.intro"))
with st.container(horizontal=True, vertical_alignment="center"):
    st.markdown(t("predict.examples"), width="content")
    for name in ("positive", "negative"):
        st.button(t(f"predict.example.{name}"), on_click=write_example, args=(name,))

with st.form("predict"):
    text = st.text_area(
        t("predict.text"),
        key="review",
        placeholder=t("predict.placeholder"),
        height=120,
        max_chars=LONGEST,
    )
    asked = st.form_submit_button(t("predict.submit"), type="primary", icon=":material/search:")

if asked:
    st.session_state.pop("prediction", None)
    if not text.strip():
        st.warning(t("predict.blank"), icon=":material/edit:")
    else:
        st.session_state["prediction"] = (text, predict(session.api(), text))

if "prediction" in st.session_state:
    asked_text, predictions = st.session_state["prediction"]
    st.subheader(t("predict.result"), anchor=False)
    st.html(f'<p class="sp-quote">{escape(asked_text)}</p>')
    st.html(markup.prediction_cards(predictions))
    if len(predictions) > 1:
        labels = {prediction.label for prediction in predictions}
        unanimous = "predict.all.positive" if labels == {1} else "predict.all.negative"
        st.markdown(t("predict.split" if len(labels) > 1 else unanimous))

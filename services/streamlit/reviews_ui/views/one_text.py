"""One text: every family's answer, the words behind it, its neighbours, a correction."""

import streamlit as st

from reviews_ui import explanation, export, markup, session
from reviews_ui.api import feedback
from reviews_ui.api.neighbours import Neighbour, neighbours
from reviews_ui.api.predictions import Answer, predict
from reviews_ui.i18n import decimal, t
from reviews_ui.listing import listing, stars, written
from reviews_ui.views.frame import told_here

LONGEST = 10_000  # characters, as the API allows
EXPLAINED = 200  # distinct words, as the API explains
NEIGHBOURS = 5
LONGEST_REMARK = 2_000


def show() -> None:
    """Draw the form, and the answer where there is one."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(t("predict.examples"), width="content")
        for name in ("positive", "negative"):
            st.button(t(f"predict.example.{name}"), on_click=_write_example, args=(name,))
    kept = st.session_state.get("prediction")
    if kept is not None and "review" not in st.session_state:  # Streamlit forgets it on other pages
        st.session_state["review"] = kept.text
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
        _forget()
        if not text.strip():
            st.warning(t("predict.blank"), icon=":material/edit:")
        else:
            with st.spinner(t("predict.asking")):
                st.session_state["prediction"] = predict(session.api(), text)
    answer = st.session_state.get("prediction")
    if answer is not None:
        _answer(answer)


def _write_example(name: str) -> None:
    st.session_state["review"] = t(f"predict.sample.{name}")
    _forget()


def _forget() -> None:
    for name in ("prediction", "neighbours", "corrected", "explained-family"):
        st.session_state.pop(name, None)


def _answer(answer: Answer) -> None:
    st.subheader(t("predict.result"), anchor=False)
    st.html(markup.prediction_cards(answer.predictions, answer.champion))
    if len(answer.predictions) > 1:
        labels = {prediction.label for prediction in answer.predictions}
        unanimous = "predict.all.positive" if labels == {1} else "predict.all.negative"
        st.markdown(t("predict.split" if len(labels) > 1 else unanimous))
    with st.container(horizontal=True):
        for kind, make, mime in (
            ("csv", export.as_csv, "text/csv"),
            ("json", export.as_json, "application/json"),
        ):
            st.download_button(
                t(f"predict.export.{kind}"),
                data=make(answer),
                file_name=t("predict.export.name", kind=kind),
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
            )
    _why(answer)
    _neighbours(answer.text)
    _correction(answer)


def _why(answer: Answer) -> None:
    st.subheader(t("explain.title"), anchor=False)
    family = st.segmented_control(
        t("explain.family"),
        answer.families,
        default=answer.families[0],
        required=True,
        key="explained-family",
        format_func=lambda name: _family_name(answer, name),
    )
    words = answer.of(family or answer.families[0]).words
    st.html(explanation.legend())
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.html(explanation.coloured(answer.text, words))
        if len(words) >= EXPLAINED:
            st.caption(t("explain.first", words=EXPLAINED))
    with right:
        ranking = explanation.ranking(words)
        if ranking:
            st.html(ranking)
        else:
            st.info(t("explain.none"), icon=":material/info:")
    st.caption(t("explain.how"))


def _family_name(answer: Answer, name: str) -> str:
    return f"{name.upper()} ★" if name == answer.champion else name.upper()


def _neighbours(text: str) -> None:
    st.subheader(t("near.title"), anchor=False)
    st.caption(t("near.intro"))
    with told_here():
        if "neighbours" not in st.session_state:
            with st.spinner(t("near.asking")):
                st.session_state["neighbours"] = neighbours(session.api(), text, NEIGHBOURS)
        found: tuple[Neighbour, ...] = st.session_state["neighbours"]
        if not found:
            st.info(t("near.none"), icon=":material/info:")
            return
        st.html(
            listing(
                t("near.title"),
                [
                    (t("near.similarity"), "sp-num"),
                    (t("review.star"), ""),
                    (t("review.text"), "sp-text"),
                    (t("review.source"), "sp-name"),
                ],
                [
                    (decimal(one.similarity, 2), stars(one.star), written(one.text), one.source)
                    for one in found
                ],
            )
        )


def _correction(answer: Answer) -> None:
    st.subheader(t("correct.title"), anchor=False)
    done: feedback.Feedback | None = st.session_state.get("corrected")
    if done is not None:
        st.success(
            t("correct.done", number=done.number, star=done.star), icon=":material/check_circle:"
        )
        return
    with st.form("correction"):
        st.markdown(t("correct.intro"))
        star = st.segmented_control(
            t("correct.star"), range(1, 6), format_func=lambda number: f"{number} ★", key="star"
        )
        comment = st.text_area(
            t("correct.comment"), height=80, max_chars=LONGEST_REMARK, key="correction-comment"
        )
        sent = st.form_submit_button(t("correct.submit"), icon=":material/rate_review:")
    if not sent:
        return
    if star is None:
        st.warning(t("correct.missing"), icon=":material/edit:")
        return
    with told_here():
        st.session_state["corrected"] = feedback.give(
            session.api(), answer.text, star, answer.prediction_id, comment.strip()
        )
        st.rerun()

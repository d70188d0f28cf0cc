"""What a change led to, said after the page was drawn anew with it."""

import streamlit as st

from reviews_ui import session


def say_next(place: str, sentence: str) -> None:
    """Draw the page anew from fresh answers, and say the sentence there."""
    st.session_state[f"said-{place}"] = sentence
    session.forget_answers()
    st.rerun()


def said_before(place: str) -> None:
    """Say what `say_next` left for this place, once."""
    sentence = st.session_state.pop(f"said-{place}", "")
    if sentence:
        st.success(sentence, icon=":material/check_circle:")

"""Corrections: one's own with their state; an admin sees all, and accepts or rejects."""

from collections.abc import Callable
from html import escape

import streamlit as st

from reviews_ui import session
from reviews_ui.api import feedback
from reviews_ui.api.errors import ApiError
from reviews_ui.api.feedback import STATES, Feedback
from reviews_ui.i18n import moment, t
from reviews_ui.listing import stars
from reviews_ui.views.frame import page_chooser, page_number, told_here

TOLD = "corrections-told"
"""Where the session keeps what became of a decision: a sentence, or an error."""
PER_PAGE = 20
LONGEST_REASON = 2_000
SIGNS = {"waiting": ("plain", "…"), "accepted": ("good", "✓"), "rejected": ("bad", "✕")}


def show() -> None:
    """Draw the list, a state at a time or all."""
    visitor = session.account()
    admin = visitor is not None and visitor.may("admin")
    st.markdown(t("corrections.intro.admin" if admin else "corrections.intro"))
    chosen = st.segmented_control(
        t("corrections.state"),
        ("all", *STATES),
        default="waiting" if admin else "all",
        required=True,
        key="corrections-state",
        format_func=lambda name: t(f"corrections.{name}"),
    )
    state = None if chosen == "all" else chosen
    key = f"corrections-page-{state}"
    with told_here():
        _tell()
    with told_here():
        page = feedback.listed(session.api(), state, page_number(key), PER_PAGE)
        if not page.items:
            empty = "corrections.empty" if state is None else "corrections.none"
            st.info(t(empty), icon=":material/info:")
        for one in page.items:
            with st.container(border=True):
                _one(one, admin)
        page_chooser(key, page.pages)


def _one(one: Feedback, admin: bool) -> None:
    kind, sign = SIGNS.get(one.state, ("plain", "?"))
    word = t(f"corrections.{one.state}") if one.state in SIGNS else one.state
    decided = ""
    if one.decided_by:
        by = t("corrections.decided", by=one.decided_by, at=_at(one.decided_at))
        review = t("corrections.review", number=one.review_id) if one.review_id else ""
        reason = t("corrections.reason", reason=one.reason) if one.reason else ""
        decided = "".join(
            f'<p class="sp-detail" dir="auto">{escape(line)}</p>'
            for line in (by, review, reason)
            if line
        )
    comment = f'<p class="sp-detail" dir="auto">{escape(one.comment)}</p>' if one.comment else ""
    about = t("corrections.about", number=one.number, author=one.author, at=_at(one.at))
    st.html(
        f'<div class="sp-{kind} sp-correction"><div class="sp-line">{stars(one.star)}'
        f'<span class="sp-badge">{sign} {escape(word)}</span></div>'
        f'<p class="sp-quote sp-explained" dir="auto" tabindex="0">{escape(one.text)}</p>{comment}'
        f'<p class="sp-detail">{escape(about)}</p>{decided}</div>'
    )
    if admin and one.state == "waiting":
        _decision(one)


def _at(stamp: str | None) -> str:
    return moment(stamp or "", seconds=False)


def _decision(one: Feedback) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            t("corrections.accept"),
            key=f"accept-{one.number}",
            icon=":material/check:",
            type="primary",
            on_click=_accept,
            args=(one.number,),
        )
        with (
            st.popover(t("corrections.reject"), icon=":material/close:"),
            st.form(f"reject-{one.number}", border=False),
        ):
            st.text_area(
                t("corrections.why"), height=80, max_chars=LONGEST_REASON, key=f"why-{one.number}"
            )
            st.form_submit_button(
                t("corrections.reject.sure"), on_click=_reject, args=(one.number,)
            )


# Decided before the list is asked for again: what another admin decided meanwhile is told, instead
# of a button that is gone.
def _accept(number: int) -> None:
    def decide() -> str:
        done = feedback.accept(session.api(), number)
        return t("corrections.told.accepted", number=number, review=done.review_id or "?")

    _decide(decide)


def _reject(number: int) -> None:
    def decide() -> str:
        feedback.reject(session.api(), number, st.session_state[f"why-{number}"].strip())
        return t("corrections.told.rejected", number=number)

    _decide(decide)


def _decide(decide: Callable[[], str]) -> None:
    session.forget_answers()
    try:
        st.session_state[TOLD] = decide()
    except ApiError as error:
        st.session_state[TOLD] = error


def _tell() -> None:
    told: str | ApiError = st.session_state.pop(TOLD, "")
    if isinstance(told, ApiError):
        raise told
    if told:
        st.success(told, icon=":material/check_circle:")

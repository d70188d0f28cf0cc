"""What one visitor's session holds: account, API with its credentials, answers for seconds.

Credentials live in Streamlit's session state alone: in the memory of this process, never on disk,
in the address or in the browser; they go when the visitor signs out or the session ends.
"""

import os
import time
from collections.abc import Callable
from html import escape
from typing import TypeVar, cast

import streamlit as st

from reviews_ui.answers import Account
from reviews_ui.client import ApiError, NotReady, Refused, ReviewsApi, TooManyRequests
from reviews_ui.i18n import t

T = TypeVar("T")

DEFAULT_URL = "http://127.0.0.1:8000"
FRESH_SECONDS = 3.0


def api_url() -> str:
    """Return the address of the API: ``SATISPY_API_URL``, or the default of `make up`."""
    return os.environ.get("SATISPY_API_URL") or DEFAULT_URL


def account() -> Account | None:
    """Return who is signed in, or None."""
    return cast("Account | None", st.session_state.get("account"))


def api() -> ReviewsApi:
    """Return the API with the credentials of this session; only where somebody is signed in."""
    return cast(ReviewsApi, st.session_state["api"])


def sign_in(username: str, password: str) -> None:
    """Ask the API who these credentials belong to, and remember them for this session.

    Raises
    ------
    reviews_ui.client.ApiError
        Where the API refuses them or does not answer; nothing is remembered then.
    """
    candidate = ReviewsApi(api_url(), username, password)
    st.session_state["account"] = candidate.account()
    st.session_state["api"] = candidate
    st.session_state.pop("expired", None)


def sign_out(*, expired: bool = False) -> None:
    """Forget everything of this session; `expired` tells the sign-in form to say why."""
    st.session_state.clear()
    if expired:
        st.session_state["expired"] = True


def fresh(name: str, ask: Callable[[], T]) -> T:
    """Return what `ask` answers, asked again after `FRESH_SECONDS`.

    One click runs the script several times; this keeps it to one request, and each visit fresh.
    What is no longer fresh is let go of: a visitor who opens card after card holds one.
    """
    now = time.monotonic()
    answers = st.session_state.get("answers", {})
    kept = {key: one for key, one in answers.items() if now - one[0] <= FRESH_SECONDS}
    st.session_state["answers"] = kept
    if name not in kept:
        kept[name] = (now, ask())
    return cast(T, kept[name][1])


def forget_answers() -> None:
    """Have the next `fresh` ask again."""
    st.session_state.pop("answers", None)


def explain(error: ApiError) -> None:
    """Show what happened and what to do, as a warning where waiting helps, else as an error."""
    kind = type(error).__name__
    wait = (
        t("error.wait.moment")
        if error.retry_after is None
        else t("error.wait.seconds", seconds=error.retry_after)
    )
    text = t(f"error.{kind}", url=error.url)
    todo = t(f"error.{kind}.todo", wait=wait)
    gentle = isinstance(error, NotReady | TooManyRequests)
    (st.warning if gentle else st.error)(
        f"**{text}**  \n{todo}", icon=":material/hourglass_empty:" if gentle else ":material/error:"
    )
    if error.detail and not isinstance(error, Refused):
        # As HTML: the sentence may quote what was entered, and Markdown would obey it.
        st.html(f'<p class="sp-detail">{escape(t("error.detail", detail=error.detail))}</p>')

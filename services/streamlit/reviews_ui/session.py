"""What one visitor's session holds: who they are, their token, answers for seconds.

The token lives in Streamlit's session state alone: in the memory of this process, never on disk,
in the address or in the browser, and the password nowhere. It is renewed while the visitor is
there; it goes when they sign out or the session ends.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from typing import Literal, TypeVar, cast

import streamlit as st

from reviews_ui.api import accounts
from reviews_ui.api.accounts import Account, Token
from reviews_ui.api.connection import Connection
from reviews_ui.api.errors import AirflowAway, ApiError, NotReady, Refused, TooManyRequests
from reviews_ui.i18n import CHOSEN, language, t
from reviews_ui.told import told

T = TypeVar("T")

DEFAULT_URL = "http://127.0.0.1:8000"
FRESH_SECONDS = 3.0
KEPT = (CHOSEN,)
"""What outlives a sign-out: no secret, only how the visitor likes the page."""


@dataclass(frozen=True)
class SignedIn:
    """One visitor, by what they ask, and when that has to be renewed."""

    account: Account
    api: Connection
    token: Token
    renew_at: float


def api_url() -> str:
    """Return the address of the API: ``SATISPY_API_URL``, or the default of `make up`."""
    return os.environ.get("SATISPY_API_URL") or DEFAULT_URL


def account() -> Account | None:
    """Return who is signed in, or None."""
    visitor = _visitor()
    return None if visitor is None else visitor.account


def api() -> Connection:
    """Return the API as this visitor reaches it; only where somebody is signed in.

    Raises
    ------
    reviews_ui.api.errors.Refused
        Where the session is over.
    """
    visitor = cast(SignedIn, _visitor())
    if time.monotonic() >= visitor.renew_at:
        visitor = _signed_in(visitor.api, accounts.renewed(visitor.api, visitor.token))
        st.session_state["visitor"] = visitor
    return visitor.api


def sign_in(username: str, password: str) -> None:
    """Ask the API for a token for these credentials, and keep it for this session.

    Raises
    ------
    reviews_ui.api.errors.ApiError
        Where the API refuses them or does not answer; nothing is remembered then.
    """
    candidate = Connection(api_url(), username, language=language())
    given = accounts.token(candidate, username, password)
    st.session_state["visitor"] = _signed_in(candidate, given)
    st.session_state.pop("expired", None)


def sign_out(*, expired: bool = False) -> None:
    """Forget everything of this session; `expired` tells the sign-in form to say why."""
    visitor = _visitor()
    if visitor is not None and not expired:
        with suppress(ApiError):  # it ends by itself in minutes; signing out never fails
            accounts.end(visitor.api)
    kept = {name: st.session_state[name] for name in KEPT if name in st.session_state}
    st.session_state.clear()
    st.session_state.update(kept)
    if expired:
        st.session_state["expired"] = True


def theme() -> Literal["light", "dark"]:
    """Return which theme the visitor looks at."""
    return "dark" if st.context.theme.type == "dark" else "light"


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
    gentle = isinstance(error, NotReady | TooManyRequests | AirflowAway)
    (st.warning if gentle else st.error)(
        f"**{text}**  \n{todo}", icon=":material/hourglass_empty:" if gentle else ":material/error:"
    )
    if error.detail and not isinstance(error, Refused):
        explain_detail(error.detail)


def explain_detail(sentence: str) -> None:
    """Show what the API says of an error, small, in the visitor's language where that knows it."""
    # As HTML: the sentence may quote what was entered, and Markdown would obey it.
    st.html(f'<p class="sp-detail">{escape(t("error.detail", detail=told(sentence)))}</p>')


def _visitor() -> SignedIn | None:
    return cast("SignedIn | None", st.session_state.get("visitor"))


def _signed_in(connection: Connection, given: Token) -> SignedIn:
    """Ask who a token belongs to: a role may have changed since the last one."""
    bearer = connection.with_token(given.text)
    return SignedIn(
        accounts.account(bearer), bearer, given, time.monotonic() + max(given.seconds / 2, 1)
    )

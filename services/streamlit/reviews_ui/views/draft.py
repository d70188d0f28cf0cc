"""A file between its check and its commit: first what would become of it, then one button."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO

import streamlit as st

from reviews_ui import session
from reviews_ui.api import uploads
from reviews_ui.api.errors import ApiError, Refused
from reviews_ui.api.uploads import BadRows, Upload
from reviews_ui.i18n import t, whole
from reviews_ui.views import receipt
from reviews_ui.views.dropping import LARGEST_MB

REASONS = (
    "duplicate-upload",
    "too-large",
    "not-a-review-file",
    "unsupported-file",
    "too-many-bad-rows",
)
"""Refusals of a file that have a sentence of their own."""


@dataclass(frozen=True)
class Draft:
    """A file that was checked: what the API foretold, or why it refused; the key to add it by."""

    identity: str
    key: str
    foretold: Upload | None
    refused: ApiError | None


def decide(
    name: str,
    file: IO[bytes],
    filename: str,
    identity: str,
    *,
    resubmits: str | None = None,
    lines: Mapping[int, int] | None = None,
) -> Upload | None:
    """Check a file, show what would become of it, and add it where the visitor says so.

    Parameters
    ----------
    name
        Of the draft, in the session.
    file, filename
        What is sent.
    identity
        Changes with the content: a file is checked once.
    resubmits
        The upload whose bad rows it brings back.
    lines
        What to call its lines instead: as in the file that came first.

    Returns
    -------
    Upload or None
        The receipt, once it was added. An addition that broke off is tried again under the same
        key, so that it takes place once.
    """
    draft: Draft | None = st.session_state.get(name)
    if draft is None or draft.identity != identity:
        with st.spinner(t("draft.checking")):
            draft = _checked(file, filename, identity, resubmits)
        st.session_state[name] = draft
    if draft.refused is not None or draft.foretold is None:
        if draft.refused is not None:
            _refused(draft.refused, lines)
        st.button(t("draft.again"), icon=":material/refresh:", on_click=_forget, args=(name,))
        return None
    receipt.foretold(draft.foretold, lines)
    accepted = draft.foretold.accepted
    wanted = st.button(
        t("draft.add", rows=whole(accepted)),
        type="primary",
        icon=":material/playlist_add:",
        disabled=accepted == 0,
        key=f"{name}-add",
    )
    if not wanted:
        return None
    try:
        with st.spinner(t("draft.adding")):
            done = uploads.add(session.api(), file, filename, draft.key, resubmits)
    except Refused:
        raise
    except ApiError as error:
        _refused(error, lines)
        return None
    _forget(name)
    return done


def _checked(file: IO[bytes], filename: str, identity: str, resubmits: str | None) -> Draft:
    key = uuid.uuid4().hex
    try:
        return Draft(
            identity, key, uploads.check(session.api(), file, filename, resubmits), refused=None
        )
    except Refused:
        raise
    except ApiError as error:
        return Draft(identity, key, foretold=None, refused=error)


def _forget(name: str) -> None:
    st.session_state.pop(name, None)


def _refused(error: ApiError, lines: Mapping[int, int] | None) -> None:
    if error.code == "too-many-bad-rows" and lines is not None:
        st.error(f"**{t('mend.still')}**  \n{t('mend.still.todo')}", icon=":material/block:")
    elif error.code in REASONS:
        known = error.code == "duplicate-upload"
        sentence = t(f"draft.{error.code}")
        (st.info if known else st.error)(
            f"**{sentence}**  \n{t(f'draft.{error.code}.todo', size=LARGEST_MB)}",
            icon=":material/content_copy:" if known else ":material/block:",
        )
        receipt.detail(error.detail)
    else:
        session.explain(error)
    if error.summary is not None:
        try:
            receipt.bad_rows(BadRows.parse(error.summary), lines)
        except (KeyError, TypeError, ValueError):
            return  # the sentence above says what is wrong; the summary is more of the same

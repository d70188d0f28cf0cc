"""Bad rows of an upload: why they are bad, their download, and a table to correct them in."""

import io
from collections.abc import Mapping, Sequence
from functools import partial
from hashlib import sha256
from typing import Any

import streamlit as st

from reviews_ui import session
from reviews_ui.api import uploads
from reviews_ui.api.uploads import Corrected, Quarantine, Upload
from reviews_ui.i18n import moment, t, whole
from reviews_ui.views import receipt
from reviews_ui.views.draft import decide
from reviews_ui.views.frame import page_chooser, page_number

PER_PAGE = 50
TEXT_WIDTH, REASON_WIDTH = 290, 290  # pixels
LARGEST = 5_000_000
"""Bytes of bad rows that are corrected in the page; more are better corrected in a spreadsheet."""


def show(items: Sequence[Upload]) -> None:
    """Draw the choice of an upload with bad rows, and what can be done about them."""
    known = {one.upload_id: one for one in items if one.quarantined and one.upload_id}
    if not known:
        st.info(t("mend.none"), icon=":material/check:")
        return
    wanted = st.session_state.pop("mended", None)
    if wanted in known:
        st.session_state["mend-upload"] = wanted
    chosen = st.selectbox(
        t("mend.choose"),
        list(known),
        index=None,
        key="mend-upload",
        placeholder=t("mend.placeholder"),
        format_func=lambda one: _name(known[one]),
    )
    if chosen is None:
        return
    content = _content(chosen)
    done: Upload | None = st.session_state.get("mend-done")
    if done is not None:
        receipt.added(done)
    again = uploads.resubmissions(session.api(), chosen)
    if again:
        st.info(t("mend.again", count=len(again)), icon=":material/history:")
    # Asked for when it is clicked, by then in a thread that knows no session.
    st.download_button(
        t("mend.download"),
        data=partial(uploads.quarantine, session.api(), chosen),
        file_name=f"quarantine-{chosen}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
    if content is None:
        st.info(t("mend.large"), icon=":material/table_view:")
        return
    _edit(chosen, content)


def _name(upload: Upload) -> str:
    return t(
        "mend.option",
        file=upload.filename,
        at=moment(upload.received_at, seconds=False),
        rows=whole(upload.quarantined),
    )


def _content(upload_id: str) -> bytes | None:
    """Return the bad rows, which never change: asked for once, the last ones are kept."""
    kept: tuple[str, bytes | None] | None = st.session_state.get("quarantine")
    if kept is None or kept[0] != upload_id:
        with st.spinner(t("mend.loading")):
            kept = (upload_id, uploads.small_quarantine(session.api(), upload_id, LARGEST))
        st.session_state["quarantine"] = kept
        for name in ("mend-draft", "mend-file", "mend-done"):
            st.session_state.pop(name, None)
    return kept[1]


def _edit(upload_id: str, content: bytes) -> None:
    key = f"mend-page-{upload_id}"
    number = page_number(key)
    found = Quarantine.read(content, (number - 1) * PER_PAGE, PER_PAGE)
    st.caption(t("mend.how"))
    columns = [f"c{place}" for place in range(len(found.header))]
    table: dict[str, list[object]] = {
        "line": [one.line for one in found.reasons],
        "reason": [f"{one.column}: {one.reason}".removeprefix(": ") for one in found.reasons],
        **{name: [cells[place] for cells in found.cells] for place, name in enumerate(columns)},
    }
    titles: dict[str, Any] = {
        name: st.column_config.TextColumn(
            title, width=TEXT_WIDTH if title == "Commentaire" else None
        )
        for name, title in zip(columns, found.header, strict=True)
    }
    titles["line"] = st.column_config.NumberColumn(t("receipt.line"), width="small", pinned=True)
    titles["reason"] = st.column_config.TextColumn(t("receipt.reason"), width=REASON_WIDTH)
    with st.form("mend", border=False):
        edited = st.data_editor(
            table,
            hide_index=True,
            disabled=["line", "reason"],
            column_config=titles,
            key=f"mend-table-{upload_id}-{number}",
            alt=t("mend.title"),
        )
        asked = st.form_submit_button(t("mend.check"), icon=":material/rule:")
    page_chooser(key, -(-found.total // PER_PAGE))
    if asked:
        rows = _rows(edited, columns, len(found.cells))
        st.session_state["mend-file"] = (upload_id, number, found.corrected(rows))
        st.session_state.pop("mend-done", None)
    _resubmit(upload_id, number)


def _rows(
    edited: Mapping[str, Sequence[object]], columns: Sequence[str], count: int
) -> list[list[str]]:
    """Return the cells row by row; one that was emptied is None to the table."""
    return [
        ["" if edited[name][row] is None else str(edited[name][row]) for name in columns]
        for row in range(count)
    ]


def _resubmit(upload_id: str, number: int) -> None:
    """Check what was corrected, and send it again where the visitor says so."""
    kept = st.session_state.get("mend-file")
    if kept is None or kept[:2] != (upload_id, number):
        return
    corrected: Corrected = kept[2]
    added = decide(
        "mend-draft",
        io.BytesIO(corrected.content),
        f"corrected-{upload_id[:12]}.csv",
        sha256(corrected.content).hexdigest(),
        resubmits=upload_id,
        lines=corrected.lines,
    )
    if added is not None:
        st.session_state["mend-done"] = added
        st.session_state.pop("mend-file", None)
        session.forget_answers()
        st.rerun()

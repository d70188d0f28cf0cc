"""A new file of reviews: dropped, looked at, checked by the API, then added."""

import streamlit as st

from reviews_ui import preview, session
from reviews_ui.api.uploads import Upload
from reviews_ui.i18n import t
from reviews_ui.listing import listing, written
from reviews_ui.views import receipt
from reviews_ui.views.draft import decide
from reviews_ui.views.dropping import LARGEST_MB, drop
from reviews_ui.views.frame import open_tab

ROUND = "upload-round"
"""Counts the files that were added: each has a field of its own, empty again afterwards."""


def show() -> None:
    """Draw the field, what is in the file, what would become of it, and what became of it."""
    st.markdown(t("upload.intro", size=LARGEST_MB))
    number = st.session_state.setdefault(ROUND, 0)
    file = drop(t("upload.file"), f"upload-file-{number}")
    done: Upload | None = st.session_state.get("upload-done")
    if file is None:
        if done is not None:
            receipt.added(done)
            if done.quarantined:
                st.button(
                    t("upload.mend"),
                    icon=":material/healing:",
                    on_click=_mend,
                    args=(done.upload_id,),
                )
        return
    st.session_state.pop("upload-done", None)
    found = preview.of(file.getvalue())
    if found is not None:
        st.markdown(f"**{t('upload.preview')}**")
        columns = [(title, "sp-text" if title == "Commentaire" else "") for title in found.header]
        st.html(
            listing(
                t("upload.preview"),
                columns,
                [[written(cell) for cell in row] for row in found.rows],
            )
        )
    added = decide("upload-draft", file, file.name, file.file_id)
    if added is not None:
        st.session_state["upload-done"] = added
        st.session_state[ROUND] = number + 1
        session.forget_answers()
        st.rerun()


def _mend(upload_id: str) -> None:
    st.session_state["mended"] = upload_id
    open_tab("data", "uploads", t("data.tab.uploads"))

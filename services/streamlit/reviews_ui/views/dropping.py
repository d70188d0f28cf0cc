"""The field that takes a file by drag and drop."""

import json

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from reviews_ui.i18n import t

LARGEST_MB = 50
"""The page holds a file in memory while its session lasts; a larger one goes to the API itself."""


# Streamlit's own words in the field are English: the button takes ours, and the limit stands above.
# Its own word stays, without size: a name for those who listen, and for axe-core.
OWN_WORDS = """<style>
[data-testid="stFileUploaderDropzoneInstructions"] { display: none; }
[data-testid="stFileUploaderDropzone"] > span button p { font-size: 0; }
[data-testid="stFileUploaderDropzone"] > span button::after { content: %s; font-size: 1rem; }
</style>"""


def drop(label: str, key: str) -> UploadedFile | None:
    """Draw the field; return the file that lies in it."""
    st.html(OWN_WORDS % json.dumps(t("drop.choose"), ensure_ascii=False))
    found = st.file_uploader(label, type=["csv", "txt"], max_upload_size=LARGEST_MB, key=key)
    return found if isinstance(found, UploadedFile) else None

"""The field that takes a file by drag and drop."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

LARGEST_MB = 50
"""The page holds a file in memory while its session lasts; a larger one goes to the API itself."""


def drop(label: str, key: str) -> UploadedFile | None:
    """Draw the field; return the file that lies in it."""
    found = st.file_uploader(label, type=["csv", "txt"], max_upload_size=LARGEST_MB, key=key)
    return found if isinstance(found, UploadedFile) else None

"""A file of texts: predictions for each row, streamed to a temporary file, and its download."""

import tempfile
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

import streamlit as st

from reviews_ui import session
from reviews_ui.api.batch import MOST_ROWS, Answered, Interrupted, predict_batch
from reviews_ui.api.errors import ApiError, Refused
from reviews_ui.i18n import t, whole
from reviews_ui.views.dropping import LARGEST_MB, drop
from reviews_ui.views.receipt import detail

REASONS = ("too-large", "not-a-review-file", "unsupported-file")
"""Refusals of a file that have a sentence of their own."""


@dataclass(frozen=True)
class Result:
    """What was answered for a file: it lies in a file without a name, gone with the session."""

    filename: str
    answered: Answered
    content: IO[bytes]

    def read(self) -> bytes:
        """Return all of it, when somebody takes it."""
        self.content.seek(0)
        return self.content.read()


def show() -> None:
    """Draw the form, the progress, and the result where there is one."""
    st.markdown(t("batch.intro", rows=whole(MOST_ROWS), size=LARGEST_MB))
    file = drop(t("batch.file"), "batch-file")
    families = st.radio(
        t("batch.families"),
        ("champion", "all"),
        format_func=lambda name: t(f"batch.families.{name}"),
        horizontal=True,
        key="batch-families",
    )
    asked = st.button(
        t("batch.submit"),
        type="primary",
        icon=":material/play_arrow:",
        disabled=file is None,
        key="batch-start",
    )
    if st.session_state.pop("batch-stopped", False):
        st.info(t("batch.stopped"), icon=":material/stop_circle:")
    if asked and file is not None:
        st.session_state.pop("batch", None)
        _ask(file, file.name, families)
    result: Result | None = st.session_state.get("batch")
    if result is not None:
        _result(result)


def _ask(file: IO[bytes], filename: str, families: str) -> None:
    place = st.empty()
    with place.container():
        # Any click ends this run of the page, and with it the request; this one says so.
        st.button(t("batch.stop"), icon=":material/stop:", on_click=_stopped, key="batch-stop")
        bar = st.progress(0.0, t("batch.reading"))
    output = tempfile.TemporaryFile(prefix="satispy-batch-")  # noqa: SIM115 (the session's)
    try:
        answered = predict_batch(session.api(), file, families, output, _told_by(bar.progress))
    except BaseException as error:  # a click ends the run of the page by one that is no Exception
        output.close()
        if isinstance(error, Interrupted):
            place.error(
                t("batch.interrupted", rows=whole(error.rows), expected=whole(error.expected)),
                icon=":material/error:",
            )
            return
        if not isinstance(error, ApiError) or isinstance(error, Refused):
            raise
        with place.container():
            if error.code in REASONS:
                st.error(t(f"batch.refused.{error.code}", rows=whole(MOST_ROWS)))
            session.explain(error)
        return
    place.empty()
    result = Result(filename, answered, output)
    weakref.finalize(result, output.close)
    st.session_state["batch"] = result


def _stopped() -> None:
    st.session_state["batch-stopped"] = True


def _told_by(draw: Callable[[float, str], object]) -> Callable[[int, int], None]:
    """Return what draws the progress, a hundred times at most."""
    drawn = -1

    def tell(rows: int, expected: int) -> None:
        nonlocal drawn
        share = min(rows / max(expected, 1), 1.0)
        if int(100 * share) > drawn:
            drawn = int(100 * share)
            draw(share, t("batch.progress", rows=whole(rows), expected=whole(expected)))

    return tell


def _result(result: Result) -> None:
    rows = whole(result.answered.rows)
    st.success(t("batch.done", rows=rows), icon=":material/check_circle:")
    detail(result.filename)
    if result.answered.failed:
        st.warning(t("batch.failed", rows=whole(result.answered.failed)), icon=":material/rule:")
    st.download_button(
        t("batch.download"),
        data=result.read,
        file_name=t("batch.filename"),
        mime="text/csv",
        icon=":material/download:",
        type="primary",
        on_click="ignore",
    )
    st.caption(t("batch.columns"))

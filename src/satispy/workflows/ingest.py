"""Reviews on their way into the base: files and single comments."""

import hashlib
import logging
import uuid
from dataclasses import dataclass
from typing import Any, BinaryIO

from satispy.core.errors import NotAReviewFile, SatispyError, TooLarge
from satispy.core.settings import Settings
from satispy.data.parsing import ParsedFile, parse_file
from satispy.data.quarantine import write_quarantine
from satispy.data.schema import checked_row
from satispy.data.store import Delivery
from satispy.workflows.opening import Home

LARGEST_SHARE_OF_BAD_ROWS = 0.5

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class UploadReceipt:
    """What became of an uploaded file."""

    upload_id: str
    filename: str
    sha256: str
    rows_received: int
    rows_accepted: int
    rows_quarantined: int
    rows_duplicate: int
    dataset_version: int
    rows_total: int


@dataclass(frozen=True)
class CommentReceipt:
    """What became of a single comment: its ``inID`` and the version it made."""

    id: int
    dataset_version: int


def upload_limit(settings: Settings) -> int:
    """Return the size in bytes beyond which a file is refused."""
    return settings.max_upload_mb * 1_000_000


def ingest_file(home: Home, file: BinaryIO, filename: str, received_by: str) -> UploadReceipt:
    """Add the rows of a CSV file to the base.

    Rows that the base holds already are counted as duplicates; bad rows are set aside.

    Raises
    ------
    TooLarge
        If the file exceeds `upload_limit`.
    UnsupportedFile, NotAReviewFile
        If it is not a CSV of reviews, or more than half of its rows are bad.
    DuplicateUpload
        If the same bytes were accepted before.
    """
    limit = upload_limit(home.settings)
    content = file.read(limit + 1)
    if len(content) > limit:
        raise TooLarge(
            f"expected at most {home.settings.max_upload_mb} MB, but '{filename}' is larger; "
            "split it, or raise SATISPY_MAX_UPLOAD_MB"
        )
    sha256 = hashlib.sha256(content).hexdigest()
    home.store.refuse_known(sha256)
    parsed = parse_file(content)
    _refuse_mostly_bad(parsed, filename)
    upload_id = uuid.uuid4().hex
    aside = write_quarantine(home.settings.paths.quarantine, upload_id, parsed)
    try:
        entry = home.store.append(
            Delivery(
                kind="upload",
                rows=parsed.rows,
                received_by=received_by,
                upload_id=upload_id,
                filename=filename[:255],
                sha256=sha256,
                rows_quarantined=len(parsed.bad),
            )
        )
    except SatispyError:  # refused, so not committed; after any other error the rows stay aside
        if aside is not None:
            aside.unlink()
        raise
    log.info("upload %s: version %d, %d rows", upload_id, entry.number, entry.rows_total)
    return UploadReceipt(
        upload_id=upload_id,
        filename=filename[:255],
        sha256=sha256,
        rows_received=entry.rows_received,
        rows_accepted=entry.rows_accepted,
        rows_quarantined=entry.rows_quarantined,
        rows_duplicate=entry.rows_duplicate,
        dataset_version=entry.number,
        rows_total=entry.rows_total,
    )


def ingest_comment(home: Home, cells: dict[str, str], received_by: str) -> CommentReceipt:
    """Add one comment to the base, also where an equal one stands there already.

    Raises
    ------
    InvalidCell
        If the text is blank, the star is not 1 to 5, or the date is impossible.
    """
    row = checked_row(cells)
    entry = home.store.append(
        Delivery(kind="comment", rows=[row], received_by=received_by, keep_duplicates=True)
    )
    return CommentReceipt(id=entry.last_id, dataset_version=entry.number)


def _refuse_mostly_bad(parsed: ParsedFile, filename: str) -> None:
    if parsed.received == 0:
        raise NotAReviewFile(f"expected at least one review in '{filename}', but found none")
    if len(parsed.bad) > LARGEST_SHARE_OF_BAD_ROWS * parsed.received:
        first = parsed.bad[0]
        raise NotAReviewFile(
            f"{len(parsed.bad)} of {parsed.received} rows of '{filename}' are bad, more than "
            f"{LARGEST_SHARE_OF_BAD_ROWS:.0%}, so nothing was added; the first is line "
            f"{first.line}: {first.column or 'row'}: {first.reason}"
        )


def past_uploads(home: Home, *, page: int, page_size: int) -> tuple[list[dict[str, Any]], int]:
    """Return a page of past uploads, newest first, and the number of all."""
    entries, total = home.store.uploads(offset=(page - 1) * page_size, limit=page_size)
    return [{**vars(entry), "dataset_version": entry.number} for entry in entries], total

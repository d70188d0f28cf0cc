"""Files of reviews on their way into the base."""

import codecs
import hashlib
import logging
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from satispy.core.errors import (
    DatabaseLost,
    InvalidInput,
    NotAReviewFile,
    NotFound,
    SatispyError,
    TooLarge,
    TooManyBadRows,
)
from satispy.core.files import CHUNK, disk_explained
from satispy.core.settings import Settings
from satispy.core.tracing import span
from satispy.data import spreadsheet
from satispy.data.ledger import Entry
from satispy.data.quarantine import HEADER as QUARANTINE_COLUMNS
from satispy.data.quarantine import Quarantine, prefixed_cells, summary_of
from satispy.data.request_keys import RequestKey
from satispy.data.review_file import ReviewFile
from satispy.data.rows import Rows
from satispy.data.store import Upload
from satispy.workflows.opening import Home
from satispy.workflows.rules import rules_of

MOST_BAD_ROWS = 1_000_000
"""Bad rows in one file: a small file of nothing else would fill the disk with their reasons."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Delivery:
    """A file as a sender hands it in.

    Attributes
    ----------
    file, filename
        Seekable; its name as the sender's machine calls it.
    received_by
        Who sent it.
    resubmits
        The upload whose bad rows it brings back, corrected.
    key
        The sender's Idempotency-Key.
    """

    file: BinaryIO
    filename: str
    received_by: str
    resubmits: str | None = None
    key: str | None = None


@dataclass(frozen=True)
class UploadReceipt:
    """What became of an uploaded file, or would become of it: then it has no `upload_id`.

    `repeated` tells that the sender's key had this answer before.
    """

    upload_id: str | None
    filename: str
    sha256: str
    rows_received: int
    rows_accepted: int
    rows_quarantined: int
    rows_duplicate: int
    dataset_version: int
    rows_total: int
    resubmits: str | None
    warnings: list[str]
    bad_rows: dict[str, Any] | None = None
    repeated: bool = False


def upload_limit(settings: Settings) -> int:
    """Return the size in bytes beyond which a file is refused."""
    return settings.max_upload_mb * 1_000_000


def ingest_file(home: Home, delivery: Delivery) -> UploadReceipt:
    """Add the rows of a CSV file to the base.

    Rows that the base holds already are counted as duplicates; bad rows are set aside.

    Raises
    ------
    TooLarge
        If the file exceeds `upload_limit`.
    UnsupportedFile, NotAReviewFile, TooManyBadRows
        If it is not a CSV of reviews, or too many of its rows are bad.
    DuplicateUpload
        If the same bytes were accepted before.
    KeyReused
        If the key came with something else before; with the same, its first answer comes again.
    NotFound, InvalidInput
        If there is no upload such as it resubmits, or none of its rows was bad.
    """
    sha256 = _hash_within_limit(home, delivery)
    key = _key_of(delivery, sha256)
    if key is not None and (before := home.store.history.answer_to(key)):
        return _first_answer(home, before)
    home.store.history.refuse_known(sha256)
    upload_id = uuid.uuid4().hex
    folder = home.settings.paths.quarantine
    with span("ingest.validate"):
        checked = _Checked(home, delivery, upload_id, folder)
        checked.read()
    aside = checked.quarantine
    try:
        entry = home.store.append(
            Upload(
                rows=checked.rows,
                rows_quarantined=aside.rows,
                upload_id=upload_id,
                filename=file_name(delivery.filename),
                sha256=sha256,
                received_by=delivery.received_by,
                resubmits=delivery.resubmits,
                warnings=checked.warnings,
                key=key,
            )
        )
    except DatabaseLost as error:  # perhaps after it committed: the bad rows stay aside
        raise DatabaseLost(
            f"{error}. The upload may have been added nevertheless; send it again: the same file "
            "is never added twice"
        ) from error
    except SatispyError:  # refused, so not committed
        aside.path.unlink(missing_ok=True)
        raise
    if entry.upload_id != upload_id:  # somebody sent the same with the same key meanwhile
        aside.path.unlink(missing_ok=True)
        return _first_answer(home, entry)
    log.info("upload %s: version %d, %d rows", entry.upload_id, entry.number, entry.rows_total)
    return replace(receipt_of(entry), bad_rows=aside.summary() if aside.rows else None)


def examine_file(home: Home, delivery: Delivery) -> UploadReceipt:
    """Say what `ingest_file` would do, and raise what it would raise; the home stays as it is.

    A key that was answered before is answered again, and a new one stays free.
    """
    sha256 = _hash_within_limit(home, delivery)
    key = _key_of(delivery, sha256)
    if key is not None and (before := home.store.history.answer_to(key)):
        return _first_answer(home, before)
    home.store.history.refuse_known(sha256)
    with tempfile.TemporaryDirectory() as nowhere:
        checked = _Checked(home, delivery, uuid.uuid4().hex, Path(nowhere))
        checked.read()
    aside = checked.quarantine
    fresh = home.store.count_fresh(checked.rows)
    head = home.store.history.current()
    good = sum(map(len, checked.rows))
    return UploadReceipt(
        upload_id=None,
        filename=file_name(delivery.filename),
        sha256=sha256,
        rows_received=good + aside.rows,
        rows_accepted=fresh,
        rows_quarantined=aside.rows,
        rows_duplicate=good - fresh,
        dataset_version=head.number + 1,
        rows_total=head.rows_total + fresh,
        resubmits=delivery.resubmits,
        warnings=checked.warnings,
        bad_rows=aside.summary() if aside.rows else None,
    )


def receipt_of(entry: Entry) -> UploadReceipt:
    """Return what the ledger says of an upload; it does not know why rows were bad."""
    return UploadReceipt(
        upload_id=entry.upload_id,
        filename=entry.filename or "",
        sha256=entry.sha256 or "",
        rows_received=entry.rows_received,
        rows_accepted=entry.rows_accepted,
        rows_quarantined=entry.rows_quarantined,
        rows_duplicate=entry.rows_duplicate,
        dataset_version=entry.number,
        rows_total=entry.rows_total,
        resubmits=entry.resubmits,
        warnings=list(entry.warnings),
    )


def _first_answer(home: Home, entry: Entry) -> UploadReceipt:
    path = home.settings.paths.quarantine / f"{entry.upload_id}.csv"
    bad = summary_of(path) if entry.rows_quarantined and path.is_file() else None
    return replace(receipt_of(entry), bad_rows=bad, repeated=True)


class _Checked:
    """A file on its way through the rules: valid rows here, bad ones in the quarantine."""

    def __init__(self, home: Home, delivery: Delivery, upload_id: str, folder: Path) -> None:
        settings = home.settings
        if delivery.resubmits is not None:
            _refuse_unless_bad(home, delivery.resubmits)
        self._resubmits = delivery.resubmits is not None
        self._largest_share = settings.max_bad_share
        self._filename = delivery.filename
        self._file = ReviewFile(delivery.file, rules_of(settings, home.clock))
        if delivery.resubmits is not None:
            self._file.restore = _restorer(home, self._file.header, delivery.resubmits)
        self.rows: list[Rows] = []
        self.warnings: list[str] = _warnings(self._file.ignored)
        if not self._resubmits and _is_quarantine(self._file.header):
            self.warnings.append(
                "this looks like a quarantine; send it with resubmits=ID so that it is linked"
            )
        self.quarantine = Quarantine(folder, upload_id, self._file.header)

    def read(self) -> None:
        """Sort the rows, set the bad ones aside; refuse the file if it has too many, or no rows."""
        # Over before anything is committed: that a full disk refuses must not come afterwards.
        with disk_explained(self.quarantine.path), self.quarantine as aside:
            for batch in self._file:
                self.rows.append(batch.rows)
                aside.add(batch.bad)
                if aside.rows > MOST_BAD_ROWS:
                    self._refuse(f"more than {MOST_BAD_ROWS} rows of '{self._filename}' are bad")
            if empty := self._file.empty_rows:
                rows = "row was" if empty == 1 else "rows were"
                self.warnings.append(f"{empty} empty {rows} skipped")
            self._judge(aside)
            aside.keep()

    def _judge(self, aside: Quarantine) -> None:
        received = sum(map(len, self.rows)) + aside.rows
        if received == 0:
            raise NotAReviewFile(
                f"expected at least one review in '{self._filename}', but found none"
            )
        if self._resubmits:  # few come back, and those still wrong are set aside once more
            if aside.rows == received:
                self._refuse(f"all {received} rows of '{self._filename}' are still bad")
        elif aside.rows > self._largest_share * received:
            self._refuse(
                f"{aside.rows} of {received} rows of '{self._filename}' are bad, more than "
                f"{self._largest_share:.0%}"
            )

    def _refuse(self, why: str) -> NoReturn:
        bad = self.quarantine.summary()
        received = sum(map(len, self.rows)) + self.quarantine.rows
        first = bad["first"][0]
        raise TooManyBadRows(
            f"{why}, so nothing was added; the first is line {first['line']}: "
            f"{first['column'] or 'row'}: {first['reason']}",
            {"rows_received": received, **bad},
        )


def _refuse_unless_bad(home: Home, upload_id: str) -> None:
    entry, _ = _upload(home, upload_id)
    if entry.rows_quarantined == 0:
        raise InvalidInput(
            f"expected resubmits to name an upload with bad rows, but no row of upload {upload_id} "
            "was bad; send the file without resubmits"
        )


def _is_quarantine(header: Sequence[str]) -> bool:
    return tuple(header[: len(QUARANTINE_COLUMNS)]) == QUARANTINE_COLUMNS


def _restorer(home: Home, header: Sequence[str], resubmits: str) -> Callable[[str], str] | None:
    """Return what takes off the prefixes that a quarantine was given on its way out, and no others.

    A file with the columns of a quarantine is one. Where they were cut out of it, the cells that
    we wrote ourselves still tell.
    """
    if _is_quarantine(header):
        return spreadsheet.restored
    path = home.settings.paths.quarantine / f"{resubmits}.csv"
    if not path.is_file():
        return None
    ours = prefixed_cells(path)
    return lambda cell: spreadsheet.restored(cell) if cell in ours else cell


def file_name(given: str) -> str:
    """Return a sender's file name without its folders and without what cannot be printed."""
    last = given.replace("\\", "/").rpartition("/")[2]
    return "".join(filter(str.isprintable, last))[:255] or "upload.csv"


def _warnings(ignored: Sequence[str]) -> list[str]:
    names = [name for name in ignored if name not in QUARANTINE_COLUMNS]
    if not names:
        return []
    shown = ", ".join(repr(name[:40]) for name in names[:20])
    more = f" and {len(names) - 20} more" if len(names) > 20 else ""
    return [f"columns that the base does not have were left out: {shown}{more}"]


def _hash_within_limit(home: Home, delivery: Delivery) -> str:
    limit, digest, size = upload_limit(home.settings), hashlib.sha256(), 0
    delivery.file.seek(0)
    while piece := delivery.file.read(CHUNK):
        size += len(piece)
        if size > limit:
            raise TooLarge(
                f"expected at most {home.settings.max_upload_mb} MB, but '{delivery.filename}' is "
                "larger; split it, or raise SATISPY_MAX_UPLOAD_MB"
            )
        digest.update(piece)
    return digest.hexdigest()


def _key_of(delivery: Delivery, sha256: str) -> RequestKey | None:
    if delivery.key is None:
        return None
    content = "\0".join(("uploadfile", sha256, delivery.filename, delivery.resubmits or ""))
    fingerprint = hashlib.sha256(content.encode(errors="surrogatepass")).hexdigest()
    return RequestKey(delivery.received_by, delivery.key, fingerprint)


def past_uploads(home: Home, *, page: int, page_size: int) -> tuple[list[dict[str, Any]], int]:
    """Return a page of past uploads, newest first, and the number of all."""
    entries, total = home.store.history.uploads(offset=(page - 1) * page_size, limit=page_size)
    return [_past(entry) for entry in entries], total


def past_upload(home: Home, upload_id: str) -> dict[str, Any]:
    """Return what is known of an upload, and which uploads corrected it.

    Raises
    ------
    NotFound
        If there is no such upload.
    """
    entry, corrected_by = _upload(home, upload_id)
    return {**_past(entry), "resubmitted_by": corrected_by}


def quarantine_of(home: Home, upload_id: str) -> Path:
    """Return the file of an upload's bad rows, as received.

    Raises
    ------
    NotFound
        If there is no such upload, or none of its rows was bad, or the file was taken away.
    """
    entry, _ = _upload(home, upload_id)
    if entry.rows_quarantined == 0:
        raise NotFound(f"no row of upload {upload_id} was bad, so there is no quarantine")
    path = home.settings.paths.quarantine / f"{entry.upload_id}.csv"
    if not path.is_file():
        raise NotFound(f"expected the bad rows of upload {upload_id} in {path}, but it is gone")
    return path


def _upload(home: Home, upload_id: str) -> tuple[Entry, list[str]]:
    if "\0" in upload_id:  # a question that PostgreSQL cannot be asked
        raise NotFound(f"no upload {upload_id[:64]!r}; GET /uploads lists them")
    return home.store.history.upload(upload_id)


def for_spreadsheets(quarantine: Path) -> Iterator[bytes]:
    """Return a quarantine in pieces, with nothing in it that a spreadsheet would run.

    The byte-order mark tells Excel that it is UTF-8.
    """
    yield codecs.BOM_UTF8
    yield from spreadsheet.neutralised_csv(quarantine)


def _past(entry: Entry) -> dict[str, Any]:
    return {
        **vars(receipt_of(entry)),
        "received_by": entry.received_by,
        "received_at": entry.received_at,
    }

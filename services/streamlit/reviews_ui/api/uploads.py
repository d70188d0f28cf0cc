"""Files of reviews: checked, added, looked at again, and their bad rows."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO
from urllib.parse import quote

from reviews_ui.api.connection import Connection, Json
from reviews_ui.api.errors import Unexpected
from reviews_ui.api.pages import Page, page_of

UPLOAD_SECONDS = 300.0
OURS = ("line", "column", "reason")
"""What a quarantine has in front of the columns that were received."""
FORMULAS = "=+-@\t\r\n＝＋－＠"
LONGEST_CELL = 2**31 - 1


@dataclass(frozen=True)
class BadRow:
    """What is wrong with one row; `column` is empty where it is the row as a whole."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True)
class BadRows:
    """How many rows are bad, by column, and the first of them."""

    rows: int
    by_column: Mapping[str, int]
    first: tuple[BadRow, ...]

    @classmethod
    def parse(cls, body: Json) -> "BadRows":
        """Read a summary of bad rows, of an upload or of a refusal."""
        return cls(
            int(body["rows_quarantined"]),
            {str(name): int(rows) for name, rows in body["by_column"].items()},
            tuple(
                BadRow(int(one["line"]), str(one["column"]), str(one["reason"]))
                for one in body["first"]
            ),
        )


@dataclass(frozen=True)
class Upload:
    """What became of a file, or would become of it: then it has no `upload_id`.

    `received_by` and `received_at` stand in the history only.
    """

    upload_id: str | None
    filename: str
    received: int
    accepted: int
    quarantined: int
    duplicate: int
    version: int
    total: int
    resubmits: str | None
    warnings: tuple[str, ...]
    bad_rows: BadRows | None
    received_by: str = ""
    received_at: str = ""

    @classmethod
    def parse(cls, body: Json) -> "Upload":
        """Read an Upload of ``/uploadfile`` or ``/uploads``."""
        bad = body.get("bad_rows")
        return cls(
            upload_id=body.get("upload_id"),
            filename=str(body["filename"]),
            received=int(body["rows_received"]),
            accepted=int(body["rows_accepted"]),
            quarantined=int(body["rows_quarantined"]),
            duplicate=int(body["rows_duplicate"]),
            version=int(body["dataset_version"]),
            total=int(body["rows_total"]),
            resubmits=body.get("resubmits"),
            warnings=tuple(str(one) for one in body.get("warnings") or ()),
            bad_rows=None if bad is None else BadRows.parse(bad),
            received_by=str(body.get("received_by", "")),
            received_at=str(body.get("received_at", "")),
        )


def check(api: Connection, file: IO[bytes], filename: str, resubmits: str | None = None) -> Upload:
    """Return what would become of a file; nothing is added."""
    return _sent(api, file, filename, resubmits, {"dry_run": "true"}, {})


def add(
    api: Connection, file: IO[bytes], filename: str, key: str, resubmits: str | None = None
) -> Upload:
    """Add the good rows of a file to the base; under the same `key` this is done once."""
    return _sent(api, file, filename, resubmits, {}, {"Idempotency-Key": key})


def _sent(
    api: Connection,
    file: IO[bytes],
    filename: str,
    resubmits: str | None,
    params: dict[str, str],
    headers: dict[str, str],
) -> Upload:
    file.seek(0)
    return api.ask(
        "POST",
        "/uploadfile",
        Upload.parse,
        params=params | ({"resubmits": resubmits} if resubmits else {}),
        headers=headers,
        files={"file": (filename, file, "text/csv")},
        seconds=UPLOAD_SECONDS,
    )


def listed(api: Connection, page: int, page_size: int) -> Page[Upload]:
    """Return the uploads, newest first."""
    asked = {"page": page, "page_size": page_size}
    return api.ask("GET", "/uploads", page_of(Upload.parse), params=asked)


def resubmissions(api: Connection, upload_id: str) -> tuple[str, ...]:
    """Return the uploads that brought the bad rows of this one back."""
    path = f"/uploads/{quote(upload_id, safe='')}"
    return api.ask("GET", path, lambda body: tuple(str(one) for one in body["resubmitted_by"]))


def quarantine(api: Connection, upload_id: str) -> bytes:
    """Return the bad rows of an upload: a CSV, as `Quarantine` reads it."""
    return api.send("GET", _quarantine(upload_id), seconds=UPLOAD_SECONDS).content


def small_quarantine(api: Connection, upload_id: str, most: int) -> bytes | None:
    """Return the bad rows of an upload, or None where they are more than `most` bytes."""
    found = bytearray()
    with api.stream("GET", _quarantine(upload_id), seconds=UPLOAD_SECONDS) as response:
        for piece in response.iter_bytes():
            found += piece
            if len(found) > most:
                return None
    return bytes(found)


def _quarantine(upload_id: str) -> str:
    return f"/uploads/{quote(upload_id, safe='')}/quarantine"


@dataclass(frozen=True)
class Corrected:
    """A file to resubmit; `lines` leads from the line of a row in it to that in the first file."""

    content: bytes
    lines: Mapping[int, int]


@dataclass(frozen=True)
class Quarantine:
    """Bad rows: why each is bad, and its cells as the file had them, under `header`."""

    header: tuple[str, ...]
    reasons: tuple[BadRow, ...]
    cells: tuple[tuple[str, ...], ...]
    total: int

    @classmethod
    def read(cls, content: bytes, start: int, most: int) -> "Quarantine":
        """Read `most` rows from row `start` on of what `quarantine` returned.

        The ``'`` that the API puts before a cell that a spreadsheet would run is taken off.
        """
        rows = _rows(content)
        try:
            header = next(rows)
            if tuple(header[:3]) != OURS:
                raise ValueError(f"a header {header[:3]}")
            reasons, cells, total = [], [], 0
            for total, row in enumerate(rows, 1):
                if start < total <= start + most:
                    reasons.append(BadRow(int(row[0]), row[1], row[2]))
                    own = [restored(cell) for cell in row[3 : len(header)]]
                    cells.append(tuple(own + [""] * (len(header) - 3 - len(own))))
        except (csv.Error, StopIteration, ValueError, IndexError) as error:
            raise Unexpected(f"GET quarantine: {error!r}") from error
        return cls(tuple(header[3:]), tuple(reasons), tuple(cells), total)

    def corrected(self, rows: Sequence[Sequence[str]]) -> "Corrected":
        """Return the rows as a file to resubmit; a cell that stayed goes as it was downloaded."""
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer, lineterminator="\r\n")
        writer.writerow(self.header)
        lines: dict[int, int] = {}
        for bad, old, new in zip(self.reasons, self.cells, rows, strict=True):
            lines[buffer.getvalue().count("\n") + 1] = bad.line
            writer.writerow(
                neutralised(before) if before == after else after
                for before, after in zip(old, new, strict=True)
            )
        return Corrected(buffer.getvalue().encode(), lines)


def _rows(content: bytes) -> Iterator[list[str]]:
    csv.field_size_limit(LONGEST_CELL)
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
    return csv.reader(text)


def neutralised(cell: str) -> str:
    """Return a cell as the API writes it for spreadsheets; `restored` undoes it."""
    return f"'{cell}" if cell.lstrip("'")[:1] in tuple(FORMULAS) else cell


def restored(cell: str) -> str:
    """Return the cell behind the ``'`` of the API."""
    return cell[1:] if cell.startswith("'") and neutralised(cell) != cell else cell

"""A received CSV, read by name into good rows and bad ones."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field

from satispy.core.errors import NotAReviewFile, UnsupportedFile
from satispy.data.schema import GIVEN, REQUIRED, InvalidCell, Row, checked_row

LARGEST_CELL = 1 << 20
"""Characters in one cell; a longer one is nearly always a quote that was never closed."""

SNIFFED = 1024
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS = (",", ";", "\t")
_SIGNATURES = {
    b"PK\x03\x04": "a ZIP archive or an .xlsx spreadsheet",
    b"\x1f\x8b": "a gzip file",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"(\xb5/\xfd": "a zstd file",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an .xls spreadsheet",
    b"PAR1": "a Parquet file",
}


@dataclass(frozen=True)
class BadRow:
    """A row that is set aside: the line it started on, what is wrong, its cells as received."""

    line: int
    column: str
    reason: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class ParsedFile:
    """What a file held: its header as it came, good rows, bad rows."""

    header: tuple[str, ...]
    rows: list[Row] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)

    @property
    def received(self) -> int:
        """Number of data rows in the file."""
        return len(self.rows) + len(self.bad)


def parse_file(content: bytes) -> ParsedFile:
    """Read the bytes of an upload.

    Columns are found by name, in any order; what is missing stays empty, what is unknown is left
    out. Comma, semicolon and tab are understood; a byte-order mark and empty lines are skipped.

    Raises
    ------
    UnsupportedFile
        If the content is no text (an archive, a spreadsheet).
    NotAReviewFile
        If it is not UTF-8, is empty, lacks a required column, or names a column twice.
    """
    text = _decode(content)
    delimiter = max(_DELIMITERS, key=text.partition("\n")[0].count)
    csv.field_size_limit(LARGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = tuple(name.strip() for name in next(reader, ()))
        places = _places(header)
        parsed = ParsedFile(header)
        line = reader.line_num + 1
        for cells in reader:
            if cells:
                _sort_in(parsed, line, cells, places)
            line = reader.line_num + 1
    except csv.Error as error:
        raise NotAReviewFile(
            f"expected CSV with double quotes around cells, but near line {reader.line_num}: "
            f"{error}. Look for a quote that is never closed, or one inside a cell that is not "
            "written twice."
        ) from error
    return parsed


def _sort_in(parsed: ParsedFile, line: int, cells: list[str], places: Mapping[str, int]) -> None:
    try:
        if len(cells) != len(parsed.header):
            raise InvalidCell(
                "",
                f"expected {len(parsed.header)} cells as in the header, but received {len(cells)}",
            )
        parsed.rows.append(checked_row({name: cells[place] for name, place in places.items()}))
    except InvalidCell as error:
        parsed.bad.append(BadRow(line, error.column, error.reason, tuple(cells)))


def _decode(content: bytes) -> str:
    for signature, meaning in _SIGNATURES.items():
        if content.startswith(signature):
            raise UnsupportedFile(f"expected a CSV file, but received {meaning}. Export it as CSV.")
    remedy = "Save the file as 'CSV UTF-8' and send it again."
    if content[:2] in _UTF_16:
        raise NotAReviewFile(f"expected UTF-8, but the file starts as UTF-16 does. {remedy}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if b"\0" in content[:SNIFFED]:
            raise UnsupportedFile("expected a CSV file, but received binary content") from error
        line = content.count(b"\n", 0, error.start) + 1
        raise NotAReviewFile(
            f"expected UTF-8, but byte {error.start} (line {line}) is 0x{content[error.start]:02x}"
            f", as in Latin-1 or Windows-1252. {remedy}"
        ) from error


def _places(header: tuple[str, ...]) -> dict[str, int]:
    """Return where each column that we keep stands in the file."""
    if missing := [name for name in REQUIRED if name not in header]:
        came = ", ".join(repr(name[:40]) for name in header[:12]) or "nothing"
        raise NotAReviewFile(
            f"expected a header with the columns {' and '.join(REQUIRED)}; missing: "
            f"{', '.join(missing)}; received: {came}. Rename the columns in the first line to "
            "just these names."
        )
    if twice := sorted({name for name in GIVEN if header.count(name) > 1}):
        raise NotAReviewFile(f"expected each column once, but {', '.join(twice)} stands twice")
    return {name: header.index(name) for name in GIVEN if name in header}

"""An uploaded CSV, read by name and in pieces, so that its size costs no memory."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from operator import attrgetter
from typing import BinaryIO

from satispy.core.errors import InvalidInput, NotAReviewFile, UnsupportedFile
from satispy.data.rules import BadRow, Batch, Rules, check
from satispy.data.schema import COLUMNS, GIVEN, REQUIRED

MOST_ROWS = 32_768
"""Rows in a batch."""

MOST_CHARACTERS = 4 << 20
"""Characters after which a batch ends even with fewer rows."""

_BLOCK = 1 << 20
_SNIFFED = 1024
_HEADER_START = 16
_DELIMITERS = (",", ";", "\t")
_SEPARATOR_LINE = re.compile("sep=.", re.IGNORECASE)
_NAMES = {name.lower(): name for name in COLUMNS}
_REMEDY = "Save the file as 'CSV UTF-8' and send it again."
_SIGNATURES = {
    b"PK\x03\x04": "a ZIP archive or an .xlsx spreadsheet",
    b"\x1f\x8b": "a gzip file",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"(\xb5/\xfd": "a zstd file",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an .xls spreadsheet",
    b"PAR1": "a Parquet file",
}


class ReviewFile:
    """A CSV of reviews.

    Columns are found by name, in any order and case; what is missing stays empty, what is unknown
    is left out. Comma, semicolon and tab are understood; a byte-order mark, a first line ``sep=;``,
    empty lines and rows of nothing but empty cells, as Excel leaves them, are skipped. Each
    iteration reads the file from its beginning; it is never closed here.

    Parameters
    ----------
    file
        Opened for reading bytes, seekable.
    rules
        What each row must obey.
    columns, required
        The columns that are looked for, and those that must be there.

    Attributes
    ----------
    header
        Names in the first line, as they came.
    ignored
        Those of them that are no column of the base.
    empty_rows
        Rows of nothing but empty cells that the last iteration skipped.
    places
        Where in the header each column stands that was found.
    restore
        Applied to each cell as it comes in; None leaves them as they are.

    Raises
    ------
    UnsupportedFile
        If the content is no text (an archive, a spreadsheet).
    NotAReviewFile
        If it is not UTF-8, is empty, lacks a required column, or names a column twice; what lies
        beyond the beginning of the file is found while iterating.
    """

    def __init__(
        self,
        file: BinaryIO,
        rules: Rules,
        *,
        columns: Sequence[str] = GIVEN,
        required: Sequence[str] = REQUIRED,
    ) -> None:
        self._file = file
        self._rules = rules
        self._required = required
        _refuse_what_is_no_text(file)
        self.header, self._delimiter = self._find_header()
        self.places = _places(self.header, columns, required)
        self.ignored = tuple(name for name in self.header if name.lower() not in _NAMES)
        self.empty_rows = 0
        self.restore: Callable[[str], str] | None = None

    def __iter__(self) -> Iterator[Batch]:
        """Yield the rows in order, in batches of bounded size.

        Raises
        ------
        NotAReviewFile
            If a quote is not closed or a byte is not UTF-8: what was yielded before is void too.
        """
        lines = _Lines(self._file, self._rules.longest_row)
        width = len(self.header)
        starts: list[int] = []
        rows: list[tuple[str, ...]] = []
        bad: list[BadRow] = []
        records = _records(lines, self._delimiter)
        _header(records, self._delimiter)
        self.empty_rows = 0
        for start, cells in records:
            if not any(cells):
                self.empty_rows += bool(cells)
                cells = []
            if self.restore is not None:
                cells = [*map(self.restore, cells)]
            if len(cells) == width:
                starts.append(start)
                rows.append(tuple(cells))
            elif cells:
                reason = f"expected {width} cells as in the header, but received {len(cells)}"
                bad.append(BadRow(start, "", reason, tuple(cells)))
            if lines.characters >= MOST_CHARACTERS or len(rows) + len(bad) >= MOST_ROWS:
                batch = self._checked(starts, rows, bad)
                starts, rows, bad = [], [], []
                lines.characters = 0
                if len(batch.rows) or batch.bad:
                    yield batch
        if rows or bad:
            yield self._checked(starts, rows, bad)

    def rows(self) -> Iterator[list[str]]:
        """Yield the cells of each row in order, as they came: nothing is checked or left out.

        Empty lines and rows of nothing but empty cells are skipped, as above.

        Raises
        ------
        NotAReviewFile
            As in iterating.
        """
        lines = _Lines(self._file, self._rules.longest_row)
        records = _records(lines, self._delimiter)
        _header(records, self._delimiter)
        for _, cells in records:
            lines.characters = 0
            if any(cells):
                yield cells

    def _checked(
        self, starts: list[int], rows: list[tuple[str, ...]], narrow: list[BadRow]
    ) -> Batch:
        columns = {name: [cells[at] for cells in rows] for name, at in self.places.items()}
        batch = check(columns, self._rules, lines=starts, raw=rows)
        if not narrow:
            return batch
        return Batch(batch.rows, sorted([*batch.bad, *narrow], key=attrgetter("line")))

    def _find_header(self) -> tuple[tuple[str, ...], str]:
        """Return the header under the delimiter that makes most of it, and that delimiter."""
        found: list[tuple[tuple[str, ...], str]] = []
        for delimiter in _DELIMITERS:
            try:
                lines = _Lines(self._file, self._rules.longest_row)
                names = _header(_records(lines, delimiter), delimiter)
            except NotAReviewFile as error:
                refusal = error
            else:
                found.append((tuple(name.strip() for name in names), delimiter))
        if not found:
            raise refusal
        return max(found, key=lambda one: (set(self._required) <= set(_known(one[0])), len(one[0])))


class _Lines:
    """Decoded lines, a block at a time; `characters` counts them and is the caller's to reset."""

    def __init__(self, file: BinaryIO, longest_row: int) -> None:
        self._file = file
        self._longest_row = longest_row
        self.characters = 0

    def __iter__(self) -> Iterator[list[str]]:
        self._file.seek(0)
        offset = 3 if self._file.read(3) == codecs.BOM_UTF8 else self._file.seek(0)
        decode = codecs.getincrementaldecoder("utf-8")().decode
        held, count, block = [""], 0, b"-"
        while block:
            block = self._file.read(_BLOCK)
            try:
                text = decode(block, final=not block)
            except UnicodeDecodeError as error:
                readable = error.object[: error.start].decode()
                line = count + len(_split("".join([*held, readable, "-"])))
                at = offset + len(block) - len(error.object) + error.start
                raise self._refusal(error.object[error.start], at, line) from error
            offset += len(block)
            self.characters += len(text)
            # a carriage return at the very end may be half of a line end
            cut = max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1 if block else len(text)
            if cut or not block:
                lines = _split("".join([*held, text[:cut]]))
                held = []
                count += len(lines)
                yield lines
            held.append(text[cut:])
            if self.characters > MOST_CHARACTERS + self._longest_row:
                raise csv.Error(f"more than {self._longest_row} characters in one row")

    def _refusal(self, byte: int, offset: int, line: int) -> InvalidInput:
        self._file.seek(0)
        if b"\0" in self._file.read(_SNIFFED):
            return UnsupportedFile("expected a CSV file, but received binary content")
        return NotAReviewFile(
            f"expected UTF-8, but byte {offset} (line {line}) is 0x{byte:02x}, as in Latin-1 or "
            f"Windows-1252. {_REMEDY}"
        )


def _split(text: str) -> list[str]:
    # not str.splitlines, which also splits where a cell may hold a character of its own
    return io.StringIO(text, newline="").readlines()


def _records(lines: _Lines, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line on which each row starts, and its cells: none in an empty line."""
    csv.field_size_limit(1 << 30)  # the longest row is reached first, and tells whose it is
    reader = csv.reader(chain.from_iterable(lines), delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        raise NotAReviewFile(
            f"expected CSV with double quotes around cells, but in the row that starts on line "
            f"{start}: {error}. Look for a quote that is never closed, or one inside a cell that "
            "is not written twice."
        ) from error


def _header(records: Iterator[tuple[int, list[str]]], delimiter: str) -> list[str]:
    """Return the first row that is not empty, but for the line that tells Excel the separator."""
    rows = (cells for _, cells in records if any(cells))
    first = next(rows, [])
    return next(rows, []) if _SEPARATOR_LINE.fullmatch(delimiter.join(first)) else first


def _known(header: tuple[str, ...]) -> list[str]:
    """Return the names as the base has them, and those that it has not as they came."""
    return [_NAMES.get(name.lower(), name) for name in header]


def _refuse_what_is_no_text(file: BinaryIO) -> None:
    file.seek(0)
    head = file.read(_SNIFFED)
    for signature, meaning in _SIGNATURES.items():
        if head.startswith(signature):
            raise UnsupportedFile(f"expected a CSV file, but received {meaning}. Export it as CSV.")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise NotAReviewFile(f"expected UTF-8, but the file starts as UTF-16 does. {_REMEDY}")
    halves = head[:_HEADER_START:2], head[1:_HEADER_START:2]
    if sorted(bool(half.strip(b"\0")) for half in halves) == [False, True] and len(head) > 1:
        raise NotAReviewFile(
            "expected UTF-8, but every other byte is zero, as in UTF-16 without a byte-order mark. "
            f"{_REMEDY}"
        )


def _places(
    header: tuple[str, ...], columns: Sequence[str], required: Sequence[str]
) -> dict[str, int]:
    """Return where each column that we keep stands in the file."""
    wanted = f"the column{'s' if len(required) > 1 else ''} {' and '.join(required)}"
    if not header:
        raise NotAReviewFile(f"expected a header with {wanted}, but the file is empty")
    names = _known(header)
    if missing := [name for name in required if name not in names]:
        came = ", ".join(repr(name[:40]) for name in header[:12])
        raise NotAReviewFile(
            f"expected a header with {wanted}; missing: "
            f"{', '.join(missing)}; received: {came}. Rename the columns in the first line to "
            "just these names."
        )
    if twice := [name for name in columns if names.count(name) > 1]:
        raise NotAReviewFile(
            f"expected each column once, in upper or lower case, but {', '.join(twice)} stands "
            "twice. Rename or remove one of them."
        )
    return {name: names.index(name) for name in columns if name in names}

"""Which rows of the base hold one text, found by its bytes: a base of any size is only searched.

A base that we wrote holds a text in one form; one that was adopted may also hold it in quotes that
it does not need. What looks like the text is a row's where an ``inID`` stands before it, on a line
that begins outside of quotes.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from satispy.data.base_file import read_range
from satispy.data.base_rows import records_between
from satispy.data.schema import COLUMNS, written_cell

LONGEST_ID = 20
"""Bytes before a text in which its ``inID`` begins, and the line end before that."""

_ID = re.compile(rb"(\A|\n)(?P<id>\d{1,18}),\Z")
_TEXT, _STAR, _COMPANY, _DATE = map(COLUMNS.index, ("Commentaire", "star", "company", "date"))


@dataclass(frozen=True)
class Standing:
    """A row of the base that holds the text, and its cells that a correction keeps."""

    row_id: int
    star: int
    company: str
    date: str


def rows_with(base: Path, text: str, start: int, end: int) -> list[Standing]:
    """Return the rows with just this text, character by character, in their order.

    Parameters
    ----------
    base
        The file.
    text
        What ``Commentaire`` is to be.
    start, end
        Bytes at which rows begin and end.
    """
    quoted = '"' + text.replace('"', '""') + '"'
    forms = {f",{written_cell(text)},".encode(), f",{quoted},".encode()}
    found = []
    with base.open("rb") as file:
        looks = sorted({place for form in forms for place in _places(file, form, start, end)})
        counted, quotes = start, 0
        for place in looks:
            begin = _row_before(file, place, start)
            if begin is None:
                continue
            quotes += sum(piece.count(b'"') for piece in _pieces(file, counted, begin))
            counted = begin
            row = _row_at(base, begin, end) if quotes % 2 == 0 else None
            if row is not None and row[_TEXT] == text:
                star = int(row[_STAR].strip()[0])  # "5.0" was adopted so
                found.append(Standing(int(row[0]), star, row[_COMPANY], row[_DATE]))
    return found


def _places(file: BinaryIO, form: bytes, start: int, end: int) -> Iterator[int]:
    """Yield where these bytes stand."""
    held, at = b"", start
    for piece in _pieces(file, start, end):
        window, at = held + piece, at + len(piece)
        place = window.find(form)
        while place >= 0:
            yield at - len(window) + place
            place = window.find(form, place + 1)
        held = window[-(len(form) - 1) :]


def _pieces(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    """Read a part of the file, though others move in it meanwhile."""
    while piece := next(read_range(file, start, end), b""):
        start += len(piece)
        yield piece


def _row_before(file: BinaryIO, comma: int, start: int) -> int | None:
    """Return where the row begins whose ``inID`` ends at this comma; None where none does."""
    first = max(start, comma - LONGEST_ID)
    file.seek(first)
    match = _ID.search(file.read(comma + 1 - first))
    if match is None or (match[1] == b"" and first != start):
        return None
    return first + match.start("id")


def _row_at(base: Path, begin: int, end: int) -> list[str] | None:
    try:
        record = next(records_between(base, begin, end), None)
    except csv.Error:  # it looked like a row, in a base that is none
        return None
    return record.cells if record and len(record.cells) == len(COLUMNS) else None

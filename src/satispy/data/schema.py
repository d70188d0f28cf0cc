"""What a review is: the eight columns, and what each may hold."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache

from satispy.core.errors import InvalidInput

COLUMNS = ("inID", "Commentaire", "star", "source", "company", "index_org", "star_org", "date")
"""Columns of the base, in their order."""

GIVEN = COLUMNS[1:]
"""Columns that a sender may fill; ``inID`` is ours."""

REQUIRED = ("Commentaire", "star")

HEADER = (",".join(COLUMNS) + "\n").encode()
"""The first line of the base."""

Row = tuple[str, ...]
"""One review: the values of `GIVEN`, in that order, as the base writes them."""

_TIME = r"(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})" + _TIME)
_FRENCH_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_NEEDS_QUOTES = re.compile(r'[,"\r\n]')
_STAR = re.compile(r"([1-5])(?:\.0+)?")


class InvalidCell(InvalidInput):
    """One cell cannot be what its column asks for.

    Attributes
    ----------
    column, reason
        Where, and what was expected and came.
    """

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(f"{column}: {reason}")
        self.column = column
        self.reason = reason


def checked_row(cells: Mapping[str, str]) -> Row:
    """Turn cells, by column name, into a row of the base.

    Stars and dates are normalised, the text stays as received, missing columns stay empty.

    Raises
    ------
    InvalidCell
        If the text is blank, the star is not 1 to 5, the date is impossible, or a cell holds NUL.
    """
    for column, value in cells.items():
        if "\0" in value:
            raise InvalidCell(column, "expected text, but received a NUL character")
    text = cells.get("Commentaire", "")
    if not any(map(_is_visible, text)):
        raise InvalidCell("Commentaire", "expected the text of a review, but received a blank one")
    normal = {"star": _star(cells.get("star", "")), "date": _day(cells.get("date", ""))}
    return tuple(normal[name] if name in normal else cells.get(name, "") for name in GIVEN)


def identity(row: Row) -> bytes:
    """Return 16 bytes that stand for a row: equal rows have equal ones, and others do not.

    BLAKE2b (RFC 7693) over the cells; they hold no NUL, so joining with NUL is unambiguous.
    """
    return hashlib.blake2b("\0".join(row).encode(), digest_size=16).digest()


def encode_rows(rows: Iterable[Row], *, first_id: int) -> bytes:
    """Write rows as the base holds them: UTF-8, LF, ids from `first_id` on."""
    lines = [
        ",".join((str(number), *map(written_cell, row)))
        for number, row in enumerate(rows, first_id)
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def written_cell(value: str) -> str:
    """Write one cell, in quotes where it needs them."""
    # csv.writer leaves a lone carriage return unquoted before Python 3.13, and readers split there
    return '"' + value.replace('"', '""') + '"' if _NEEDS_QUOTES.search(value) else value


def _is_visible(character: str) -> bool:
    return not character.isspace() and unicodedata.category(character)[0] != "C"


def _star(value: str) -> str:
    match = _STAR.fullmatch(value.strip())
    if match is None:
        raise InvalidCell("star", f"expected a whole number from 1 to 5, but received {value!r}")
    return match[1]


@lru_cache(maxsize=1 << 16)
def _day(value: str) -> str:
    """Return ``YYYY-MM-DD``, or nothing for nothing."""
    text = value.strip()
    if not text:
        return ""
    if match := _ISO_DATE.fullmatch(text):
        year, month, day = match.groups()
    elif match := _FRENCH_DATE.fullmatch(text):
        day, month, year = match.groups()
    else:
        raise InvalidCell("date", f"expected YYYY-MM-DD or DD/MM/YYYY, but received {value!r}")
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError as error:
        raise InvalidCell("date", f"expected a day of the calendar, but received {value!r}") from (
            error
        )

"""What a review is: the eight columns, and how one cell is written."""

import re

from satispy.core.errors import InvalidInput

COLUMNS = ("inID", "Commentaire", "star", "source", "company", "index_org", "star_org", "date")
"""Columns of the base, in their order."""

GIVEN = COLUMNS[1:]
"""Columns that a sender may fill; ``inID`` is ours."""

REQUIRED = ("Commentaire", "star")

HEADER = (",".join(COLUMNS) + "\n").encode()
"""The first line of the base."""

_NEEDS_QUOTES = re.compile(r'[,"\r\n]')


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


def written_cell(value: str) -> str:
    """Write one cell, in quotes where it needs them."""
    # csv.writer leaves a lone carriage return unquoted before Python 3.13, and readers split there
    return '"' + value.replace('"', '""') + '"' if _NEEDS_QUOTES.search(value) else value

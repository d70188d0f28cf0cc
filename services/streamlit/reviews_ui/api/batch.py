"""A file of texts in, the same file with predictions out, streamed to a temporary file."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from reviews_ui.api.connection import Connection
from reviews_ui.api.errors import ApiError, Unexpected

MOST_ROWS = 100_000  # as the API allows
FIRST_ROW_SECONDS = 120.0
"""The API reads the whole file before it answers the first row."""


class Interrupted(Exception):
    """The answer broke off; `rows` came of `expected`."""

    def __init__(self, rows: int, expected: int) -> None:
        super().__init__(f"{rows} of {expected} rows came")
        self.rows = rows
        self.expected = expected


@dataclass(frozen=True)
class Answered:
    """How many rows came, and how many of them say why they have no prediction."""

    rows: int
    failed: int


class Tally:
    """Counts the rows of a CSV file as its bytes come in, and those whose last cell says a fault.

    A line end within quotes ends no row.
    """

    def __init__(self) -> None:
        self.lines = 0
        self.failed = 0
        self._rest = b""
        self._quoted = False

    @property
    def rows(self) -> int:
        """Rows so far; the header is none."""
        return max(0, self.lines - 1)

    def add(self, piece: bytes) -> None:
        """Count what came."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            self._quoted ^= line.count(b'"') % 2 == 1
            if not self._quoted:
                self.lines += 1
                self.failed += self.lines > 1 and not line.rstrip(b"\r").endswith(b",")


def predict_batch(
    api: Connection,
    file: IO[bytes],
    families: str,
    output: IO[bytes],
    tell: Callable[[int, int], None],
) -> Answered:
    """Write the answer for a CSV file to `output`, piece by piece.

    Parameters
    ----------
    api
        The visitor's connection.
    file
        The CSV, with a column ``Commentaire``.
    families
        ``champion`` or ``all``.
    output
        A file opened for writing bytes.
    tell
        Called with the rows that came and those that will; what it raises ends the request, and
        with it the work of the API.

    Raises
    ------
    Interrupted
        If the answer broke off.
    """
    tally, expected = Tally(), -1
    try:
        with api.stream(
            "POST",
            "/predict/batch",
            params={"families": families},
            files={"file": ("texts.csv", file, "text/csv")},
            seconds=FIRST_ROW_SECONDS,
        ) as response:
            expected = _expected(response.headers.get("X-Rows", ""), api.base_url)
            tell(0, expected)
            for piece in response.iter_bytes():
                output.write(piece)
                tally.add(piece)
                tell(tally.rows, expected)
    except ApiError as error:
        if expected < 0 or isinstance(error, Unexpected):
            raise
        raise Interrupted(tally.rows, expected) from error
    if tally.rows != expected:
        raise Interrupted(tally.rows, expected)
    return Answered(tally.rows, tally.failed)


def _expected(header: str, url: str) -> int:
    if not header.isdecimal():
        raise Unexpected("POST /predict/batch: no number of rows in X-Rows", url=url)
    return int(header)

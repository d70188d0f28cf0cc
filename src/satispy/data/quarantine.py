"""Bad rows, set aside with the reason, so that nothing received is lost."""

import csv
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

from satispy.core.files import beside, disk_explained, sync_folder
from satispy.data.base_rows import LONGEST_CELL
from satispy.data.rules import BadRow
from satispy.data.schema import written_cell
from satispy.data.spreadsheet import neutralised

HEADER = ("line", "column", "reason")
FIRST = 20


class Quarantine:
    """The bad rows of one upload on their way to ``<upload_id>.csv``, written as they come.

    Line, column and reason, then the cells as received. Leaving the context without `keep` leaves
    nothing behind.

    Parameters
    ----------
    folder
        ``clean_data/quarantine``.
    upload_id
        Names the file.
    header
        Of the received file.

    Attributes
    ----------
    rows
        How many there are.
    """

    def __init__(self, folder: Path, upload_id: str, header: Sequence[str]) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = folder / f"{upload_id}.csv"
        self.rows = 0
        self._by_column: Counter[str] = Counter()
        self._first: list[BadRow] = []
        # What comes back corrected has these columns in front already.
        self._skipped = len(HEADER) if tuple(header[: len(HEADER)]) == HEADER else 0
        self._beside = beside(self.path)
        descriptor = os.open(self._beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "w", encoding="utf-8", newline="")
        self._write(*HEADER, *header[self._skipped :])

    def __enter__(self) -> "Quarantine":
        """Return itself."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the file; drop it where it was not kept."""
        try:
            self._file.close()  # which writes what is left, and a full disk may refuse
        finally:
            self._beside.unlink(missing_ok=True)

    def add(self, bad: Iterable[BadRow]) -> None:
        """Set rows aside; `StorageFull` where there is no room."""
        with disk_explained(self.path):
            for row in bad:
                cells = row.cells[self._skipped :]
                self._write(str(row.line), row.column, row.reason, *cells)
                self._by_column[row.column or "row"] += 1
                self.rows += 1
                if len(self._first) < FIRST:
                    self._first.append(row)

    def keep(self) -> None:
        """Give the file its name, durably, if any row was bad."""
        if self.rows == 0:
            return
        with disk_explained(self.path):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._beside.replace(self.path)
            sync_folder(self.path.parent)

    def summary(self) -> dict[str, Any]:
        """Return how many rows are bad by column, and what is wrong with the first of them."""
        return _summary(self.rows, self._by_column, self._first)

    def _write(self, *cells: str) -> None:
        self._file.write(",".join(map(written_cell, cells)) + "\n")


def summary_of(quarantine: Path) -> dict[str, Any]:
    """Return the summary of a quarantine that was kept, read from its file."""
    csv.field_size_limit(LONGEST_CELL)
    rows, by_column, first = 0, Counter[str](), list[BadRow]()
    with quarantine.open(encoding="utf-8", newline="") as file:
        for line, column, reason, *cells in islice(csv.reader(file, strict=True), 1, None):
            rows += 1
            by_column[column or "row"] += 1
            if len(first) < FIRST:
                first.append(BadRow(int(line), column, reason, tuple(cells)))
    return _summary(rows, by_column, first)


def _summary(rows: int, by_column: Counter[str], first: Sequence[BadRow]) -> dict[str, Any]:
    return {
        "rows_quarantined": rows,
        "by_column": dict(by_column.most_common()),
        "first": [{"line": row.line, "column": row.column, "reason": row.reason} for row in first],
    }


def prefixed_cells(quarantine: Path) -> set[str]:
    """Return those cells of a quarantine that were given a prefix on their way out, with it."""
    csv.field_size_limit(LONGEST_CELL)
    with quarantine.open(encoding="utf-8", newline="") as file:
        cells = chain.from_iterable(csv.reader(file, strict=True))
        return {given for cell in cells if (given := neutralised(cell)) != cell}

"""The rows of the base between two of its bytes, as records or as identities."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import numpy.typing as npt

from satispy.core.errors import BaseDamaged, InvalidInput
from satispy.data.review_file import ReviewFile
from satispy.data.rules import Rules
from satispy.data.schema import HEADER

LONGEST_CELL = 1 << 30
ROWS_AT_ONCE = 32_768
AS_IT_STANDS = Rules(longest_text=LONGEST_CELL, longest_cell=LONGEST_CELL, longest_row=LONGEST_CELL)
"""What stands in the base is not judged by the rules of today."""


@dataclass(frozen=True)
class Record:
    """One row of the base: its cells, its exact bytes, the byte at which it begins."""

    cells: list[str]
    raw: bytes
    start: int


def records_between(
    base: Path, start: int, end: int, *, errors: str = "strict"
) -> Iterator[Record]:
    """Read the rows that stand from byte `start` to byte `end`, header left out.

    Parameters
    ----------
    base
        The file.
    start, end
        Bytes at which rows begin and end.
    errors
        What to do where the bytes are no UTF-8, as `bytes.decode` knows it.

    Raises
    ------
    csv.Error
        If the bytes are no CSV, which a committed part of the base never is.
    """
    with base.open("rb") as file:
        start = max(start, len(HEADER))
        lines = io.TextIOWrapper(
            slice_of(file, start, end), encoding="utf-8", errors=errors, newline=""
        )
        read: list[str] = []

        def remembered() -> Iterator[str]:
            for line in lines:
                read.append(line)
                yield line

        csv.field_size_limit(LONGEST_CELL)
        for cells in csv.reader(remembered(), strict=True):
            raw = "".join(read).encode(errors=errors)
            read.clear()
            if cells:
                yield Record(cells, raw, start)
            start += len(raw)


def in_parts(records: Iterable[Record]) -> Iterator[list[Record]]:
    """Take records together, 32 768 at once."""
    some: list[Record] = []
    for record in records:
        some.append(record)
        if len(some) == ROWS_AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def identities_between(base: BinaryIO, start: int, end: int) -> npt.NDArray[np.uint64]:
    """Return the identities of the rows from byte `start` to byte `end`, shape (2, rows).

    Raises
    ------
    BaseDamaged
        If the bytes are not rows of a base.
    """
    part = slice_of(base, max(start, len(HEADER)), end, before=HEADER)
    try:
        found = [batch.rows.identities for batch in ReviewFile(part, AS_IT_STANDS)]
    except InvalidInput as error:
        raise BaseDamaged(
            f"the bytes {start} to {end} of the base are not as rows are written: {error}; "
            "satispy data verify says more"
        ) from error
    return np.concatenate(found, axis=1) if found else np.empty((2, 0), np.uint64)


def slice_of(file: BinaryIO, start: int, end: int, before: bytes = b"") -> BinaryIO:
    """Return the bytes `start` to `end` of a file, behind some of our own, as a file."""
    return cast(BinaryIO, io.BufferedReader(_Slice(file, start, end, before), 1 << 20))


class _Slice(io.RawIOBase):
    """A part of a file, behind some bytes of our own, as a file of its own."""

    def __init__(self, file: BinaryIO, start: int, end: int, before: bytes) -> None:
        self._file, self._start, self._before = file, start, before
        self._size = len(before) + max(0, end - start)
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = origin + offset
        return self._place

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        wanted = min(len(buffer), self._size - self._place)
        if wanted <= 0:
            return 0
        if self._place < len(self._before):
            piece = self._before[self._place : self._place + wanted]
        else:
            self._file.seek(self._start + self._place - len(self._before))
            piece = self._file.read(wanted)
        buffer[: len(piece)] = piece
        self._place += len(piece)
        return len(piece)

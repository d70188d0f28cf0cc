"""The rows of the base between two of its bytes, as columns.

The quick way reads some MiB at once with polars and finds the ends of rows by counting quotes. Rows
that were adopted may be written as nobody of ours writes them; where the quick way does not find as
many rows as the ledger has, each row is read by itself.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import polars as pl

from satispy.core.errors import BaseDamaged
from satispy.data.base_rows import ROWS_AT_ONCE, records_between
from satispy.data.columns import KINDS, UNDATED, Block, Column
from satispy.data.rules import iso_day, star_of
from satispy.data.schema import COLUMNS, HEADER

BYTES_AT_ONCE = 4 << 20
_QUOTE, _END = ord('"'), ord("\n")
_EPOCH = date(1970, 1, 1).toordinal()


class Span(NamedTuple):
    """What an entry brought: its number, the byte it ends at, how many rows."""

    number: int
    end: int
    rows: int


def read_block(base: Path, start: int, spans: Sequence[Span]) -> Block:
    """Read the rows of entries that follow one another.

    Parameters
    ----------
    base
        The file.
    start
        Byte at which the first of them begins.
    spans
        The entries, at least one.

    Raises
    ------
    BaseDamaged
        If there are not as many rows as the ledger says.
    """
    rows = sum(span.rows for span in spans)
    with base.open("rb") as file:
        block = _gathered(_quickly(file, max(start, len(HEADER)), spans[-1].end), rows, spans)
    if block is None:
        block = _gathered(_one_by_one(base, start, spans[-1].end), rows, spans)
    if block is None:
        raise BaseDamaged(
            f"expected {rows} rows in the bytes {start} to {spans[-1].end} of {base}, but found "
            "others; satispy data verify says more"
        )
    return block


@dataclass(frozen=True)
class _Part:
    """Some rows: byte at which each begins, and its cells."""

    starts: Column
    cells: pl.DataFrame


def texts_between(base: BinaryIO, start: int, end: int, rows: int) -> pl.Series | None:
    """Return the texts of the rows in a range; None where there are not so many."""
    base.seek(start)
    frame = _frame(base.read(end - start), ["Commentaire"])
    return frame["Commentaire"] if frame is not None and len(frame) == rows else None


def _quickly(file: BinaryIO, start: int, end: int) -> Iterator[_Part | None]:
    """Yield rows; None where this way does not understand them."""
    file.seek(start)
    held = b""
    while start < end:
        piece = file.read(min(BYTES_AT_ONCE, end - start - len(held)))
        content = held + piece
        ends = _ends_of_rows(content)
        if not len(ends):
            if not piece:  # the file is shorter than it was
                yield None
                return
            held = content
            continue
        cut = int(ends[-1]) + 1
        starts = np.concatenate(([0], ends[:-1] + 1))
        whole = np.frombuffer(content, np.uint8)
        starts = starts[whole[starts] != _END]  # an empty line is no row
        frame = _frame(content[:cut], COLUMNS)
        if frame is None or len(frame) != len(starts):
            yield None
            return
        yield _Part(starts + start, frame)
        held, start = content[cut:], start + cut


def _ends_of_rows(content: bytes) -> Column:
    """Return where the line ends outside of quotes stand; rows begin outside of them."""
    found = np.frombuffer(content, np.uint8)
    ends = np.flatnonzero(found == _END)
    quotes = np.flatnonzero(found == _QUOTE)
    outside: Column = ends[np.searchsorted(quotes, ends) % 2 == 0]
    return outside


def _frame(content: bytes, columns: Sequence[str]) -> pl.DataFrame | None:
    try:
        return pl.read_csv(
            io.BytesIO(HEADER + content),
            columns=list(columns),
            schema=dict.fromkeys(COLUMNS, pl.String),
            empty_string_is_null=False,
        )
    except pl.exceptions.PolarsError:  # not as we write rows; the slow way says what is wrong
        return None


def _one_by_one(base: Path, start: int, end: int) -> Iterator[_Part | None]:
    starts: list[int] = []
    rows: list[list[str]] = []

    def part() -> _Part:
        cells = dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
        return _Part(
            np.array(starts, np.int64), pl.DataFrame(cells, dict.fromkeys(COLUMNS, pl.String))
        )

    try:
        for record in records_between(base, start, end):
            starts.append(record.start)
            rows.append(record.cells)
            if len(rows) == ROWS_AT_ONCE:
                yield part()
                starts, rows = [], []
        if rows:
            yield part()
    except (csv.Error, ValueError):  # no rows of ours: too few cells, no UTF-8, an open quote
        yield None


def _gathered(parts: Iterator[_Part | None], rows: int, spans: Sequence[Span]) -> Block | None:
    """Put parts together; None where they are not so many rows, or not as rows are written."""
    columns: dict[str, Column] = {name: np.empty(rows, kind) for name, kind in KINDS.items()}
    names: dict[str, dict[str, int]] = {"sources": {}, "companies": {}}
    at = 0
    for part in parts:
        if part is None or at + len(part.starts) > rows:
            return None
        try:
            found = _numbers(part, names)
        except pl.exceptions.PolarsError:  # an id that is no number
            return None
        for name, values in found.items():
            columns[name][at : at + len(part.starts)] = values
        at += len(part.starts)
    if at != rows:
        return None
    ends = np.array([span.end for span in spans])
    of = np.searchsorted(ends, columns["starts"], side="right")
    columns["entries"][:] = np.array([span.number for span in spans], np.int32)[of]
    return Block(
        **columns,
        source_names=list(names["sources"]),
        company_names=list(names["companies"]),
        end=spans[-1].end,
    )


def _numbers(part: _Part, names: dict[str, dict[str, int]]) -> dict[str, Column]:
    cells = part.cells
    day = iso_day(pl.col("date")).str.to_date("%Y-%m-%d", strict=False)
    frame = cells.select(
        ids=pl.col("inID").cast(pl.Int64),
        stars=star_of(pl.col("star")).cast(pl.Int8),
        days=day.cast(pl.Int32).fill_null(UNDATED),
        lengths=pl.col("Commentaire").str.len_chars().cast(pl.Int32),
    )
    found: dict[str, Column] = {"starts": part.starts}
    found |= {name: frame[name].to_numpy() for name in frame.columns}
    for name, column in (("sources", "source"), ("companies", "company")):
        known = names[name]
        each = cells[column].unique(maintain_order=True).to_list()
        moved = {value: known.setdefault(value, len(known)) for value in each}
        found[name] = cells[column].replace_strict(moved, return_dtype=pl.Int32).to_numpy()
    return found


def days_since_epoch(day: date) -> int:
    """Return what stands in the column `days`."""
    return day.toordinal() - _EPOCH


def day_after_epoch(days: int) -> date | None:
    """Return the day that a number in the column `days` stands for; None for `UNDATED`."""
    return None if days == UNDATED else date.fromordinal(days + _EPOCH)

"""Which rows of the base answer to a question, and those rows themselves."""

import csv
import io
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from satispy.core.errors import BaseDamaged
from satispy.data.base_rows import records_between
from satispy.data.column_reader import day_after_epoch, days_since_epoch, texts_between
from satispy.data.column_shelf import ColumnShelf, View
from satispy.data.columns import UNDATED, Block
from satispy.data.store import ReviewStore
from satispy.data.words import patterns

BYTES_AT_ONCE = 2 << 20
REMEMBERED = 16
"""Answers that are kept, for the next page asks the same again; a bit for each row.

Within a generation a row stays what it is, so only rows that came since are looked into."""

Places = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
T = TypeVar("T")


@dataclass(frozen=True)
class Question:
    """What rows are asked for; what is empty asks for nothing.

    Attributes
    ----------
    text
        Words that must all stand in the text; see `satispy.data.words.patterns`.
    stars, sources, companies
        The row has one of these.
    since, until
        First and last day; a row without a date is not between any.
    """

    text: str = ""
    stars: tuple[int, ...] = ()
    sources: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Found:
    """One row of the base; `entry` is the ledger entry that brought it."""

    id: int
    text: str
    star: int
    source: str
    company: str
    date: date | None
    entry: int


Answers = OrderedDict[tuple[int, Question], tuple[int, npt.NDArray[np.uint8]]]
"""To a question within a generation: how many rows were looked into, and a bit for each."""


class Search:
    """Looks into the rows of one base; threads may share it.

    Parameters
    ----------
    store
        Whose base it is.
    """

    def __init__(self, store: ReviewStore) -> None:
        self._store = store
        self._shelf = ColumnShelf(store)
        self._lock = threading.Lock()
        self._answers: Answers = OrderedDict()

    def view(self) -> View:
        """Return the columns of the base as it is now."""
        return self._shelf.view()

    def page(self, question: Question, *, offset: int, limit: int) -> tuple[list[Found], int]:
        """Return some of the rows that answer, the last added first, and how many there are.

        Raises
        ------
        InvalidInput
            If the text to look for has no words.
        BaseDamaged
            If the base is not as it was committed.
        """
        wanted = patterns(question.text) if question.text.strip() else []

        def ask(view: View) -> tuple[list[Found], int]:
            if question == Question():
                total = len(view)
                last = total - offset - 1
                places = np.arange(last, max(-1, last - limit), -1)
            else:
                found = np.flatnonzero(self._answer(view, question, wanted))
                places, total = found[::-1][offset : offset + limit], len(found)
            return self._rows(view, places), total

        return self._steadily(ask)

    def by_id(self, ids: Sequence[int]) -> dict[int, Found]:
        """Return those of these rows that the base holds, by id; `BaseDamaged` as above."""

        def ask(view: View) -> dict[int, Found]:
            begin = np.cumsum([0, *map(len, view.blocks)])
            held = [
                np.flatnonzero(np.isin(block.ids, ids)) + start
                for block, start in zip(view.blocks, begin, strict=False)
            ]
            rows = self._rows(view, np.concatenate([*held, np.empty(0, np.int64)]))
            return {row.id: row for row in rows}

        return self._steadily(ask)

    def _steadily(self, ask: Callable[[View], T]) -> T:
        """Ask until no change of generation came in between: else erased rows might be shown."""
        while True:
            view = self.view()
            try:
                answer = ask(view)
            except BaseDamaged:
                if self._is_current(view):
                    raise
            else:
                if self._is_current(view):
                    return answer
            finally:
                view.give_back()

    def _is_current(self, view: View) -> bool:
        return self._store.history.current().generation == view.head.generation

    def _answer(self, view: View, question: Question, wanted: Sequence[str]) -> Mask:
        """Tell of each row whether it answers."""
        key = (view.head.generation, question)
        with self._lock:
            count, packed = self._answers.get(key, (0, np.empty(0, np.uint8)))
        known = np.unpackbits(packed, count=count).astype(bool)[: len(view)]
        if len(known) < len(view):
            fresh = self._fresh(view, len(known), question, wanted)
            known = np.concatenate([known, *fresh])
        with self._lock:
            self._answers[key] = (len(known), np.packbits(known))
            self._answers.move_to_end(key)
            while len(self._answers) > REMEMBERED:
                self._answers.popitem(last=False)
        return known

    def _fresh(
        self, view: View, known: int, question: Question, wanted: Sequence[str]
    ) -> Iterator[Mask]:
        """Tell of the rows behind the first `known` whether they answer, block by block."""
        self._store.guard.settle_for_reading()
        with self._store.file.path.open("rb") as file:
            begin = 0
            for block in view.blocks:
                skipped = min(len(block), max(0, known - begin))
                begin += len(block)
                if skipped == len(block):
                    continue
                mask = _by_columns(block, question)
                if wanted:
                    self._by_words(file, block, skipped, mask, wanted)
                yield mask[skipped:]

    def _by_words(
        self, file: BinaryIO, block: Block, skipped: int, mask: Mask, wanted: Sequence[str]
    ) -> None:
        """Take from a mask the rows whose text lacks a word; leave out the first rows."""
        for first, last in _parts(block, skipped):
            candidates = np.flatnonzero(mask[first:last])
            if not len(candidates):
                continue
            start, end = int(block.starts[first]), int(_end(block, last))
            texts = texts_between(file, start, end, last - first)
            if texts is None:
                records = records_between(self._store.file.path, start, end)
                texts = pl.Series([record.cells[1] for record in records], dtype=pl.String)
            if len(texts) != last - first:
                raise self._damaged(start, end)
            for pattern in wanted:
                has = texts.gather(candidates).str.contains(pattern).to_numpy()
                candidates = candidates[has]
            mask[first:last] = False
            mask[first + candidates] = True

    def _rows(self, view: View, places: Places) -> list[Found]:
        """Read rows by their places in the base, in the order given."""
        if not len(places):
            return []
        found = []
        self._store.guard.settle_for_reading()
        begin = np.cumsum([0, *map(len, view.blocks)])
        with self._store.file.path.open("rb") as file:
            for place in places.tolist():
                number = int(np.searchsorted(begin, place, side="right")) - 1
                found.append(self._row(file, view.blocks[number], place - int(begin[number])))
        return found

    def _row(self, file: BinaryIO, block: Block, at: int) -> Found:
        start, end = int(block.starts[at]), _end(block, at + 1)
        file.seek(start)
        try:
            text = file.read(end - start).decode()
            cells = next(csv.reader(io.StringIO(text, newline=""), strict=True))
            row_id, sentence = int(cells[0]), cells[1]
        except (ValueError, IndexError, StopIteration, csv.Error) as error:
            raise self._damaged(start, end) from error
        if row_id != block.ids[at]:
            raise self._damaged(start, end)
        return Found(
            row_id,
            sentence,
            int(block.stars[at]),
            block.source_names[block.sources[at]],
            block.company_names[block.companies[at]],
            day_after_epoch(int(block.days[at])),
            int(block.entries[at]),
        )

    def _damaged(self, start: int, end: int) -> BaseDamaged:
        return BaseDamaged(
            f"expected the rows that were committed in the bytes {start} to {end} of "
            f"{self._store.file.path}, but found others; satispy data verify says more"
        )


def _by_columns(block: Block, question: Question) -> Mask:
    mask = np.ones(len(block), bool)
    if question.stars:
        mask &= np.isin(block.stars, question.stars)
    for wanted, column, names in (
        (question.sources, block.sources, block.source_names),
        (question.companies, block.companies, block.company_names),
    ):
        if wanted:
            mask &= np.isin(column, [at for at, name in enumerate(names) if name in wanted])
    if question.since is not None:
        mask &= block.days >= days_since_epoch(question.since)
    if question.until is not None:
        mask &= (block.days <= days_since_epoch(question.until)) & (block.days != UNDATED)
    return mask


def _parts(block: Block, first: int) -> Iterator[tuple[int, int]]:
    """Cut the rows of a block, from one on, into parts of some MiB."""
    while first < len(block):
        limit = block.starts[first] + BYTES_AT_ONCE
        last = max(first + 1, int(np.searchsorted(block.starts, limit)))
        yield first, last
        first = last


def _end(block: Block, at: int) -> int:
    """Return the byte at which the row before place `at` ends."""
    return int(block.starts[at]) if at < len(block) else block.end

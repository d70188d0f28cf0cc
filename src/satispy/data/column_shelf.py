"""The columns of a base, kept beside it and extended, not remade; derived, so they may be lost.

::

    clean_data/columns/
        000000000-000000007-<chain>/   rows of the ledger entries 0 to 7
        000000008-000000031-<chain>/   what came since

A block names the entries whose rows it holds and the chain hash behind them, so one of another
base, or of a generation that is gone, is never taken for ours. A few rows that no block holds yet
stay in memory: a comment is no reason to write. Readers hold no lock, and writers never wait.
"""

import logging
import re
import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from satispy.core.errors import ArtifactDamaged, BaseDamaged, NotReady, StorageFull
from satispy.core.files import disk_explained, folder_written_once, private_folder
from satispy.data.column_reader import Span, read_block
from satispy.data.columns import Block, give_back_block, join, open_block, write_block
from satispy.data.ledger import Entry
from satispy.data.statistics import Statistics, statistics_of
from satispy.data.store import ReviewStore

FEW_ROWS = 4_096
"""Rows that are read anew by each process rather than written."""

MOST_BLOCKS = 8
"""Blocks beyond which they are written together."""

_NAME = re.compile(r"(\d{9})-(\d{9})-([0-9a-f]{16})")
_ATTEMPTS = 5

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class View:
    """The rows of the base after an entry, as blocks in the order of the base."""

    head: Entry
    blocks: Sequence[Block]

    def __len__(self) -> int:
        return sum(map(len, self.blocks))

    @cached_property
    def statistics(self) -> Statistics:
        """How the rows are spread; counted once."""
        found = statistics_of(self.blocks)
        self.give_back()
        return found

    def give_back(self) -> None:
        """Let go of the pages of all columns, until somebody reads them again."""
        for block in self.blocks:
            give_back_block(block)


@dataclass(frozen=True)
class _Kept:
    path: Path
    first: int
    last: int


class ColumnShelf:
    """The columns of one base; threads may share it.

    Parameters
    ----------
    store
        Whose base it is.
    """

    def __init__(self, store: ReviewStore) -> None:
        self.folder = folder_beside(store.file.path)
        self._store = store
        self._lock = threading.Lock()
        self._view: View | None = None

    def view(self) -> View:
        """Return the columns of the base as it is now, after reading what they lack.

        Raises
        ------
        BaseDamaged
            If the base does not hold what the ledger says.
        """
        head = self._store.history.current()
        known = self._view
        if known is None or known.head.chain != head.chain:
            with self._lock:  # one thread reads, the others take what it found
                known = self._view
                if known is None or known.head.chain != self._store.history.current().chain:
                    known = self._view = self._made()
        return known

    def _made(self) -> View:
        """Read until no change of generation came in between: what was read is one base's then."""
        while True:
            head = self._store.history.current()
            try:
                view = self._of(head)
            except BaseDamaged:
                if self._is_current(head):
                    raise
            else:
                if self._is_current(head):
                    return view

    def _is_current(self, entry: Entry) -> bool:
        return self._store.history.current().generation == entry.generation

    def _of(self, head: Entry) -> View:
        begin = self._store.history.first_of_generation(head.generation)
        kept, blocks = self._kept(begin, head)
        first = kept[-1].last + 1 if kept else begin
        spans = self._spans(begin, first, head)
        rows = sum(span.rows for span in spans)
        if rows:
            fresh = read_block(self._settled(), blocks[-1].end if blocks else 0, spans)
            if rows > FEW_ROWS:
                fresh = self._write(first, head.number, head.chain, fresh, head)
            blocks.append(fresh)
        if len(kept) > MOST_BLOCKS:
            last = kept[-1].last
            chain = self._store.history.chains([last])[last]
            whole = self._write(begin, last, chain, join(blocks[: len(kept)]), head)
            blocks[: len(kept)] = [whole]
            for one in kept:
                shutil.rmtree(one.path, ignore_errors=True)
        return View(head, blocks)

    def _kept(self, begin: int, head: Entry) -> tuple[list[_Kept], list[Block]]:
        """Choose blocks that follow one another from entry `begin` on; remove those of others."""
        for _ in range(_ATTEMPTS):
            chosen = self._chosen(begin, head)
            blocks = []
            try:
                for one in chosen:
                    blocks.append(open_block(one.path))
            except FileNotFoundError:
                continue  # another process has just joined some: look again
            except ArtifactDamaged as error:
                log.warning("%s; they are read from the base again", error)
                shutil.rmtree(one.path, ignore_errors=True)
                continue
            return chosen, blocks
        return [], []

    def _chosen(self, begin: int, head: Entry) -> list[_Kept]:
        there = [
            (path, int(match[1]), int(match[2]), match[3])
            for path in (sorted(self.folder.iterdir()) if self.folder.is_dir() else [])
            if (match := _NAME.fullmatch(path.name)) and int(match[2]) <= head.number
        ]
        chains = self._store.history.chains([last for _, _, last, _ in there])
        found: dict[int, list[_Kept]] = {}
        for path, first, last, chain in there:
            if first >= begin and chains.get(last, "").startswith(chain):
                found.setdefault(first, []).append(_Kept(path, first, last))
            else:
                shutil.rmtree(path, ignore_errors=True)  # of a generation that is gone
        chosen: list[_Kept] = []
        while begin in found:
            chosen.append(max(found[begin], key=lambda one: one.last))
            begin = chosen[-1].last + 1
        return chosen

    def _spans(self, begin: int, first: int, head: Entry) -> list[Span]:
        """Return the entries from `first` on to `head`."""
        sizes = self._store.history.sizes(max(begin, first - 1), head.number)
        before = sizes.pop(0).rows_total if first > begin else 0
        spans = []
        for size in sizes:
            spans.append(Span(size.number, size.end_offset, size.rows_total - before))
            before = size.rows_total
        return spans

    def _settled(self) -> Path:
        """Return the base, once an interrupted change of generation is finished."""
        self._store.guard.settle_for_reading()
        self._store.file.stat()
        return self._store.file.path

    def _write(self, first: int, last: int, chain: str, block: Block, head: Entry) -> Block:
        """Keep a block and return it from disk; where that fails, nothing is lost but memory."""
        target = private_folder(self.folder) / f"{first:09d}-{last:09d}-{chain[:16]}"
        try:
            with disk_explained(target), folder_written_once(target) as folder:
                write_block(folder, block)
            kept = open_block(target)
        except (OSError, ArtifactDamaged, StorageFull, NotReady) as error:  # or others were first
            log.info("%s was not written: %s", target, error)
            return block
        if not self._is_current(head):
            shutil.rmtree(target, ignore_errors=True)  # erased while it was being written
        return kept


def folder_beside(base: Path) -> Path:
    """Return where the columns of a base lie."""
    return base.with_name("columns")


def forget(base: Path) -> None:
    """Remove the columns of a base."""
    shutil.rmtree(folder_beside(base), ignore_errors=True)

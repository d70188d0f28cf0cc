"""The base in an object store: published where it stands, read where it does not.

::

    base/<generation>/<first byte>-<end>.csv     committed bytes, written once

The base only grows, so what is published of a generation are ranges of bytes that follow one
another; whoever publishes the same range twice writes the same bytes. An erasure begins another
generation: it is published whole, and the objects of those before it are removed.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from satispy.core.clock import Clock
from satispy.core.database import Database
from satispy.core.errors import Busy, NotReady, SatispyError
from satispy.core.files import beside, disk_explained
from satispy.core.object_store import ObjectStore
from satispy.data.base_file import BaseFile, Damage, first_damage, read_range
from satispy.data.guard import Guard
from satispy.data.history import History
from satispy.data.ledger import Entry
from satispy.data.store import ReviewStore

FOLDER = "base"
LARGEST = 64 * 2**20
"""Bytes of an object: a base of a gigabyte is a few, and one is sent again in seconds."""
PATIENCE_SECONDS = 60.0
"""How long the bytes of a committed version are waited for: who holds the base looks every other
second."""
LOOK_SECONDS = 0.5
_NAME = re.compile(rf"{FOLDER}/(\d{{9}})/(\d{{15}})-(\d{{15}})\.csv")


class _Range(NamedTuple):
    """Bytes `start` to `end` of a generation, and the object that holds them."""

    generation: int
    start: int
    end: int

    @property
    def name(self) -> str:
        return f"{FOLDER}/{self.generation:09d}/{self.start:015d}-{self.end:015d}.csv"


class BasePublisher:
    """Publishes what is committed to a base that stands on this machine.

    Parameters
    ----------
    reviews
        The base.
    store
        Where to.
    """

    def __init__(self, reviews: ReviewStore, store: ObjectStore) -> None:
        self._reviews = reviews
        self._store = store
        self._last: tuple[int, int] | None = None

    def publish(self) -> int:
        """Put what the store lacks of the newest version; return how many objects that were.

        Raises
        ------
        StoreLost
            If the store does not answer; the next call goes on from there.
        """
        head = self._reviews.history.current()
        if (head.generation, head.end_offset) == self._last:
            return 0
        self._reviews.guard.settle()
        there = _ranges(self._store)
        start, written = _reach(there, head), 0
        self._check(head, start)
        while start < head.end_offset:
            part = _Range(head.generation, start, min(start + LARGEST, head.end_offset))
            with self._reviews.file.path.open("rb") as file:
                content = b"".join(read_range(file, part.start, part.end))
            now = self._reviews.history.current()
            if now.generation != head.generation:  # another base stands there by now
                return written
            self._store.write(content, part.name)
            start, written = part.end, written + 1
        for former in there:
            if former.generation < head.generation:
                self._store.delete(former.name)
        self._last = (head.generation, head.end_offset)
        return written

    def _check(self, head: Entry, start: int) -> None:
        """Publish no byte that is not the one that was committed."""
        file = self._reviews.file
        with file.path.open("rb") as bytes_, self._reviews.history.links(head) as (links, chain):
            damage = first_damage(bytes_, links, chain, after=start)
        if damage is not None and self._reviews.history.current().generation == head.generation:
            raise self._reviews.guard.complaint(damage)


class PublishedBase(ReviewStore):
    """A base that stands on another machine: its versions are read from the store.

    Nothing can be written to it here.

    Parameters
    ----------
    copy
        Where the bytes are kept on this machine, from one reading to the next.
    database
        The ledger, shared with who holds the base.
    clock
        As everywhere.
    store
        Where it is published.
    former
        Called where a generation ended: what was derived from its texts here is to go.
    patience
        Seconds that committed bytes are waited for.
    """

    def __init__(
        self,
        copy: Path,
        database: Database,
        clock: Clock,
        store: ObjectStore,
        *,
        former: Callable[[], None] = lambda: None,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        super().__init__(copy, database, clock)
        self.guard = _Fetching(self.file, database, self.history, store, former, patience)

    def _begin(self) -> None:
        """Begin nothing: who holds the base does."""


class _Fetching(Guard):
    """Brings the newest version here where a base of this machine would be settled."""

    def __init__(
        self,
        file: BaseFile,
        database: Database,
        history: History,
        store: ObjectStore,
        former: Callable[[], None],
        patience: float,
    ) -> None:
        super().__init__(file, database, patience=patience)
        self._history = history
        self._store = store
        self._former = former

    def settle(self) -> None:
        """Fetch what the copy lacks of the newest version.

        Raises
        ------
        NotReady
            If it is not published in time.
        StoreLost
            If the store does not answer.
        """
        deadline = time.monotonic() + self._patience
        while (missing := self._fetch()) is not None:
            if time.monotonic() > deadline:
                raise NotReady(
                    f"expected the base in {self._store.address}, but its bytes from {missing} on "
                    "are not published; whoever holds the base does that while the API runs: "
                    "start it, with SATISPY_STORE set to the same address"
                )
            time.sleep(LOOK_SECONDS)

    def settle_for_reading(self) -> None:
        """Do the same."""
        self.settle()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Refuse: nobody writes here."""
        raise NotReady(
            "the base stands on another machine (SATISPY_BASE_HERE is false): write to it there"
        )
        yield  # a context manager, as that of a base which stands here

    def complaint(self, damage: Damage) -> SatispyError:
        """Drop a copy that lost bytes, as in a power cut: the next reading fetches all of it."""
        self._file.path.unlink()
        return Busy(
            f"the copy of the base in {self._file.path} is not what was committed from byte "
            f"{damage.start} on, and was removed; try again: it is fetched anew"
        )

    def _fetch(self) -> int | None:
        """Fetch what there is; return the first byte that is missing, None if none is."""
        head = self._history.current()
        note = self._file.path.with_name(f".{self._file.path.name}.generation")
        here = int(note.read_text()) if note.is_file() else -1
        if here != head.generation:
            if here >= 0:
                self._former()
            self._file.path.unlink(missing_ok=True)
            note.write_text(str(head.generation))
        size = self._file.path.stat().st_size if self._file.path.is_file() else 0
        if size >= head.end_offset:
            return None
        there = [one for one in _ranges(self._store) if one.generation == head.generation]
        with disk_explained(self._file.path), self._file.path.open("ab") as file:
            while size < head.end_offset:
                part = max(
                    (one for one in there if one.start <= size < one.end),
                    key=lambda one: one.end,
                    default=None,
                )
                if part is None:
                    return size
                aside = beside(self._file.path)
                try:
                    self._store.get(part.name, aside)
                    with aside.open("rb") as fetched:
                        for piece in read_range(fetched, size - part.start, part.end - part.start):
                            file.write(piece)
                finally:
                    aside.unlink(missing_ok=True)
                size = part.end
        return None


def _ranges(store: ObjectStore) -> list[_Range]:
    matches = (_NAME.fullmatch(name) for name in store.find(FOLDER))
    return [_Range(*map(int, match.groups())) for match in matches if match]


def _reach(there: list[_Range], head: Entry) -> int:
    """Return up to which byte the newest generation is published without a gap."""
    reached = 0
    for one in sorted(there):
        if one.generation == head.generation and one.start <= reached < one.end:
            reached = one.end
    return reached

"""A base, what was acknowledged to be in it, and the check that follows each kill."""

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crash.batches import Batch, batch_of, csv_of, rows_of, send, texts_of
from crash.nursery import Nursery, Writer
from crash.writer import Task
from satispy.core.clock import system_clock
from satispy.core.database import Database
from satispy.data.snapshot import read_snapshot
from satispy.data.store import ReviewStore, Upload
from satispy.data.verification import Verification, verify

Place = Path | str


class House:
    """One base and its writers.

    Parameters
    ----------
    folder, place
        Where the base lies, and its database.
    nursery
        Starts the writers.
    caplog
        Hears what is cut off.
    """

    def __init__(
        self, folder: Path, place: Place, nursery: Nursery, caplog: pytest.LogCaptureFixture
    ) -> None:
        self.base = folder / "data_MAJ.csv"
        self.place = place
        self.acknowledged: set[Batch] = set()
        self._nursery = nursery
        self._caplog = caplog
        self._ids: dict[str, int] = {}
        self._names = iter(f"{folder.name}w{number}" for number in range(1 << 30))
        self._resent = 0

    @contextmanager
    def open(self, **options: Any) -> Iterator[ReviewStore]:
        """Open the base in this process."""
        database = Database(self.place)
        try:
            yield ReviewStore(self.base, database, system_clock, **options)
        finally:
            database.close()

    @contextmanager
    def writer(self, **facts: Any) -> Iterator[tuple[str, Writer]]:
        """Start a writer, and yield its name too; it is gone afterwards."""
        name = next(self._names)
        task = Task(name=name, base=str(self.base), database=str(self.place), **facts)
        writer = self._nursery.start(task.encode())
        try:
            yield name, writer
        finally:
            writer.close()

    def note(self, name: str, said: Collection[Any]) -> None:
        """Note what was acknowledged; of comments, the ids too."""
        for one in said:
            if isinstance(one, list):
                batch = name, one[0]
                self.acknowledged.add(batch)
                self._ids.update(zip(texts_of(batch), one[1], strict=False))

    def check(self) -> Verification:
        """Check, as it lies there, that what was acknowledged is there once and the rest whole."""
        with self.open() as store:
            return self._check(store)

    def check_and_go_on(self, *unanswered: Batch) -> None:
        """Check; send again what was not acknowledged, and once more all that is there."""
        with self.open() as store, self._caplog.at_level(logging.WARNING):
            before = self._check(store)
            self._caplog.clear()
            for batch in unanswered:
                send(store, batch)
                self.acknowledged.add(batch)
            texts = self._rows(store)["Commentaire"].tolist()
            entry = store.append(self.everything(texts))
            assert (entry.rows_accepted, entry.rows_duplicate) == (0, len(texts))
            assert ("cutting" in self._caplog.text) == bool(before.tail)
            assert self._check(store).tail == ""

    def fill(self, count: int) -> pd.DataFrame:
        """Send some batches from this process, and return the rows that are there then."""
        name = next(self._names)
        with self.open() as store:
            for number in range(count):
                send(store, (name, number))
            return self._rows(store)

    def is_sound(self) -> bool:
        """Tell whether the base is what the ledger says."""
        with self.open() as store:
            return verify(store).sound

    def base_text(self) -> str:
        """Return what is committed, as text."""
        with self.open() as store:
            return self.base.read_bytes()[: store.history.current().end_offset].decode()

    def rows(self) -> pd.DataFrame:
        """Return the base as it is."""
        with self.open() as store:
            return self._rows(store)

    def _rows(self, store: ReviewStore) -> pd.DataFrame:
        return read_snapshot(store, store.history.current().number)

    def _check(self, store: ReviewStore) -> Verification:
        found = verify(store)
        assert found.sound, found.wrong
        self._compare(self._rows(store))
        return found

    def _compare(self, frame: pd.DataFrame) -> None:
        ids, texts = frame["inID"].tolist(), frame["Commentaire"].tolist()
        assert ids == list(range(len(ids)))
        here = dict(zip(texts, ids, strict=True))
        assert len(here) == len(texts), "a row is there twice"
        for batch in {batch_of(text) for text in texts} | self.acknowledged:
            found = [text for text in texts_of(batch) if text in here]
            assert found == texts_of(batch), f"of {batch} only {found}"
        assert len(texts) == sum(len(texts_of(batch)) for batch in set(map(batch_of, texts)))
        assert self._ids.items() <= here.items(), "an id has changed"
        self._ids = here

    def everything(self, texts: Sequence[str]) -> Upload:
        """Return a new file with all these texts."""
        self._resent += 1
        name = f"{self.base.parent.name}-again-{self._resent}"
        return Upload(rows_of(csv_of(texts)), 0, name, "again.csv", name.rjust(64), "admin")


NewHouse = Callable[[], House]

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from satispy.core.clock import Clock
from satispy.core.database import Database
from satispy.data.store import ReviewStore

Opener = Callable[..., ReviewStore]


@pytest.fixture
def open_store(tmp_path: Path, clock: Clock, database_place: Path | str) -> Iterator[Opener]:
    """Open the store of the test's folder, as often as it likes; all are closed in the end."""
    opened = []

    def open_it(**options) -> ReviewStore:
        opened.append(Database(database_place, patience=options.get("patience", 30.0)))
        return ReviewStore(tmp_path / "data_MAJ.csv", opened[-1], clock, **options)

    yield open_it
    for database in opened:
        database.close()


@pytest.fixture
def store(open_store: Opener) -> ReviewStore:
    return open_store()

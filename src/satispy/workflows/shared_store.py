"""Homes without a common disk: what they share through an object store, and when (SATISPY_STORE).

The base stands with the API, which publishes what is committed (`data.published`). Artifacts stand
in every home that works on them: a step of a retraining fetches what others made, and puts what it
made; a decision on what serves is made under a lock of the database, on the newest history, and is
told before the lock is let go. The API looks every other second for decisions of others.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from satispy.core.clock import Clock
from satispy.core.database import Database
from satispy.core.errands import Again
from satispy.core.errors import ConfigurationError, SatispyError
from satispy.core.mirror import Mirror
from satispy.core.object_store import ObjectStore
from satispy.core.settings import Paths, Settings
from satispy.data import column_shelf
from satispy.data.published import BasePublisher, PublishedBase
from satispy.data.store import ReviewStore
from satispy.registry.serving import ServingPointers

if TYPE_CHECKING:
    from satispy.workflows.opening import Home

STATE = ".shared.json"
LOOK_SECONDS = 2.0
"""Between two looks for decisions of others: a rollback is to be felt within five."""
ALL_SECONDS = 60.0
"""Between two looks at everything: reports, runs that were removed, vectors that were imported."""
PATIENCE_SECONDS = 2.0
"""For a look that is under way when the API ends: a store that hangs holds nobody longer."""
DECISIONS = "decisions"

log = logging.getLogger(__name__)


def object_store_of(settings: Settings) -> ObjectStore | None:
    """Return the store that the settings name; None where they name none.

    Raises
    ------
    ConfigurationError
        If it cannot be used, or something is set that is of use with a store alone.
    """
    if settings.store is None:
        if not settings.base_here:
            raise ConfigurationError(
                "expected SATISPY_STORE, for SATISPY_BASE_HERE is false: the base is read from it"
            )
        return None
    if settings.database_url is None and not settings.base_here:
        raise ConfigurationError(
            "expected SATISPY_DATABASE_URL, for SATISPY_BASE_HERE is false: the ledger stands in "
            "the database of whoever holds the base"
        )
    options: dict[str, Any] = {}
    if settings.store_endpoint:
        options["endpoint"] = settings.store_endpoint
        if settings.store_endpoint.startswith("http://"):
            options["client_options"] = {"allow_http": True}
    if settings.store_key_id is not None and settings.store_key is not None:
        options["access_key_id"] = settings.store_key_id.get_secret_value()
        options["secret_access_key"] = settings.store_key.get_secret_value()
    return ObjectStore(settings.store, options)


def shared_folders(paths: Paths) -> list[str]:
    """Return what homes share, what others point to first."""
    shared = [
        paths.vectors,
        paths.runs,
        paths.jobs,
        paths.reports,
        paths.neighbours,
        paths.tracking,
        paths.serving,
    ]
    return [_relative(paths, one) for one in shared]


def base_of(settings: Settings, database: Database, clock: Clock) -> ReviewStore:
    """Return the base of a home: its own, or one that is read from the store."""
    paths = settings.paths
    store = None if settings.base_here else object_store_of(settings)
    if store is None:
        return ReviewStore(paths.base, database, clock)

    def forget_former() -> None:
        for path in paths.prepared.rglob("*.parquet"):  # the folders are perhaps being written to
            path.unlink()
        column_shelf.forget(paths.base)

    return PublishedBase(paths.base, database, clock, store, former=forget_former)


@contextmanager
def sharing(settings: Settings) -> Iterator[None]:
    """Fetch what other homes made, let a step work, and put what it made.

    Raises
    ------
    StoreLost
        If the store does not answer: the step is to be tried again.
    """
    store = object_store_of(settings)
    if store is None:
        yield
        return
    mirror, folders = _mirror(settings.paths, store), shared_folders(settings.paths)
    moved = mirror.fetch(folders)
    log.info("fetched %d files from %s", moved, store.address)
    try:
        yield
    finally:  # a step that fails in its end has told its reports before
        log.info("put %d files into %s", mirror.put(folders), store.address)


def pointers_of(settings: Settings) -> ServingPointers:
    """Return the pointers of a home; each decision on them is shared at once."""
    store = object_store_of(settings)
    if store is None:
        return ServingPointers(settings.paths.serving)
    return ServingPointers(settings.paths.serving, lambda: _deciding(settings, store))


@contextmanager
def _deciding(settings: Settings, store: ObjectStore) -> Iterator[None]:
    paths = settings.paths
    mirror = _mirror(paths, store)
    serving = _relative(paths, paths.serving)
    with closing(Database(settings.database_place)) as database, database.alone(DECISIONS):
        mirror.fetch([serving])
        yield
        mirror.put([_relative(paths, paths.vectors), _relative(paths, paths.runs), serving])


class StoreFollower:
    """Keeps the home of an API and its store the same, in a thread of its own.

    Parameters
    ----------
    home
        The home; where its settings name no store, there is no thread.
    now
        Seconds that only grow.
    every
        Seconds between two looks.
    """

    def __init__(
        self, home: Home, now: Callable[[], float] = time.monotonic, every: float = LOOK_SECONDS
    ) -> None:
        self._settings = home.settings
        self._now = now
        self._again: Again | None = None
        self._decisions: object = None
        self._all_at = float("-inf")
        self._lost = ""
        store = object_store_of(home.settings)
        if store is None:
            return
        self._store = store
        self._mirror = _mirror(home.settings.paths, store)
        here = home.settings.base_here
        self._publisher = BasePublisher(home.store, store) if here else None
        self._look_or_say()  # what serves is here before the first question
        self._again = Again("store", self._look_or_say, every, after=every)

    def close(self) -> None:
        """End the thread; what it has not put yet is put when the API starts again."""
        if self._again is not None:
            self._again.close(PATIENCE_SECONDS)

    def look(self) -> None:
        """Publish what was committed, fetch what others decided and made, put what we did."""
        if self._publisher is not None:
            self._publisher.publish()
        paths = self._settings.paths
        decisions = self._store.find(_relative(paths, paths.serving))
        if decisions == self._decisions and self._now() < self._all_at:
            return
        self._mirror.follow(shared_folders(paths))
        self._decisions, self._all_at = decisions, self._now() + ALL_SECONDS

    def _look_or_say(self) -> None:
        try:
            self.look()
        except SatispyError as error:  # what is here goes on answering; the next look tries again
            if error.code != self._lost:
                log.warning("the store is not followed: %s", error)
            self._lost = error.code
        else:
            if self._lost:
                log.info("the store is followed again")
            self._lost = ""


def _mirror(paths: Paths, store: ObjectStore) -> Mirror:
    return Mirror(paths.home, store, paths.clean_model / STATE)


def _relative(paths: Paths, path: Path) -> str:
    return path.relative_to(paths.home).as_posix()

"""Open the home that the settings name: store and users on one database."""

from dataclasses import dataclass
from typing import Self

from satispy.accounts.users import UserDirectory
from satispy.core.clock import Clock, system_clock
from satispy.core.database import Database
from satispy.core.settings import Settings
from satispy.data.store import ReviewStore


@dataclass(frozen=True)
class Home:
    """The parts of one home that keep state in its database."""

    settings: Settings
    database: Database
    store: ReviewStore
    users: UserDirectory
    clock: Clock

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the database."""
        self.close()

    def close(self) -> None:
        """Close the database."""
        self.database.close()


def open_home(settings: Settings, clock: Clock = system_clock) -> Home:
    """Open the database (migrating it where needed) and the base of a home; close it after use."""
    database = Database(settings.paths.database)
    try:
        store = ReviewStore(settings.paths.base, database, clock)
    except BaseException:  # nobody would close it later; the error goes on
        database.close()
        raise
    return Home(settings, database, store, UserDirectory(database, clock), clock)

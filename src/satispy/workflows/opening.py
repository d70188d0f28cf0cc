"""Open the home that the settings name: store and users on one database."""

from dataclasses import dataclass

from satispy.accounts.users import UserDirectory
from satispy.core.clock import Clock, system_clock
from satispy.core.database import open_database
from satispy.core.settings import Settings
from satispy.data.store import ReviewStore


@dataclass(frozen=True)
class Home:
    """The parts of one home that keep state in its database."""

    settings: Settings
    store: ReviewStore
    users: UserDirectory
    clock: Clock


def open_home(settings: Settings, clock: Clock = system_clock) -> Home:
    """Open the database (migrating it where needed) and the base of a home."""
    engine = open_database(settings.paths.database)
    store = ReviewStore(settings.paths.base, engine, clock)
    return Home(settings, store, UserDirectory(engine, clock), clock)

"""Open the home that the settings name: store and users on one database."""

from dataclasses import dataclass
from typing import Self

from satispy.accounts.users import UserDirectory
from satispy.core.clock import Clock, system_clock
from satispy.core.database import Database
from satispy.core.settings import Settings
from satispy.data.store import ReviewStore
from satispy.workflows.audit import AuditTrail
from satispy.workflows.comments import CommentQueue
from satispy.workflows.prediction_log import PredictionLog
from satispy.workflows.rules import rules_of


@dataclass(frozen=True)
class Home:
    """The parts of one home that keep state in its database."""

    settings: Settings
    database: Database
    store: ReviewStore
    users: UserDirectory
    comments: CommentQueue
    predictions: PredictionLog
    audit: AuditTrail
    clock: Clock

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Write the comments, predictions and records that wait, and close the database."""
        self.comments.close()
        self.predictions.close()
        self.audit.close()
        self.database.close()


def open_home(settings: Settings, clock: Clock = system_clock) -> Home:
    """Open the database (migrating it where needed) and the base of a home; close it after use."""
    database = Database(settings.database_place)
    try:
        store = ReviewStore(settings.paths.base, database, clock)
    except BaseException:  # nobody would close it later; the error goes on
        database.close()
        raise
    users = UserDirectory(database, clock)
    comments = CommentQueue(store, lambda: rules_of(settings, clock))
    predictions = PredictionLog(settings, database, clock)
    audit = AuditTrail(settings, database, clock)
    return Home(settings, database, store, users, comments, predictions, audit, clock)

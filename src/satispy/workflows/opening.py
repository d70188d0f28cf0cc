"""Open the home that the settings name: store and users on one database."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from satispy.accounts.api_keys import ApiKeys
from satispy.accounts.failures import FailedSignIns
from satispy.accounts.tokens import Tokens
from satispy.accounts.users import UserDirectory
from satispy.core.clock import Clock, system_clock
from satispy.core.database import Database
from satispy.core.errands import Errands
from satispy.core.settings import Settings
from satispy.data.search import Search
from satispy.data.store import ReviewStore
from satispy.workflows.audit import AuditTrail
from satispy.workflows.comments import CommentQueue
from satispy.workflows.prediction_log import PredictionLog
from satispy.workflows.rules import rules_of
from satispy.workflows.shared_store import base_of
from satispy.workflows.sign_in import signing_keys
from satispy.workflows.sign_in_limits import limits_of


@dataclass(frozen=True)
class Home:
    """The parts of one home that keep state in its database."""

    settings: Settings
    database: Database
    store: ReviewStore
    search: Search
    users: UserDirectory
    failures: FailedSignIns
    tokens: Tokens
    keys: ApiKeys
    errands: Errands
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
        self.errands.close()
        self.audit.close()
        self.database.close()


def open_home(settings: Settings, clock: Clock = system_clock) -> Home:
    """Open the database (migrating it where needed) and the base of a home; close it after use."""
    database = Database(settings.database_place)
    try:
        store = base_of(settings, database, clock)
    except BaseException:  # nobody would close it later; the error goes on
        database.close()
        raise
    errands = Errands()
    users = UserDirectory(database, clock, errands.submit)
    lifetime = timedelta(minutes=settings.token_minutes)
    tokens = Tokens(database, signing_keys(settings, clock), clock, lifetime)
    keys = ApiKeys(database, clock, errands.submit)
    failures = FailedSignIns(database, clock, limits_of(settings))
    comments = CommentQueue(store, lambda: rules_of(settings, clock))
    predictions = PredictionLog(settings, database, clock)
    audit = AuditTrail(settings, database, clock)
    return Home(
        settings,
        database,
        store,
        Search(store),
        users,
        failures,
        tokens,
        keys,
        errands,
        comments,
        predictions,
        audit,
        clock,
    )

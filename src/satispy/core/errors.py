"""The tree of our errors; each leaf has a stable code that reaches the user.

::

    SatispyError
    ├── ConfigurationError      configuration     a setting is unknown, missing or impossible
    ├── InvalidInput            invalid-input     what came cannot be read as what was expected
    │   ├── NotAReviewFile      not-a-review-file the whole file is refused
    │   │   └── TooManyBadRows  too-many-bad-rows a larger share of the rows is bad than allowed
    │   ├── UnsupportedFile     unsupported-file  the content is no text at all
    │   └── WeakPassword        weak-password     too short, or among the first that anybody tries
    ├── DuplicateUpload         duplicate-upload  the same bytes were uploaded before
    ├── KeyReused               key-reused        one Idempotency-Key, two different requests
    ├── AlreadyDecided          already-decided   the other decision was made before
    ├── TooLarge                too-large         the upload exceeds the limit
    ├── NotFound                not-found         no such upload, model, user or version
    ├── NotReady                not-ready         nothing is served yet, or the store is unreadable
    │   ├── DatabaseLost (retriable)  database-lost  the database server does not answer
    │   └── StoreLost (retriable)  store-lost   the object store does not answer
    ├── AirflowAway (retriable) airflow-away      Airflow does not answer, or not in time
    ├── AirflowRefused          airflow-refused   Airflow answers, and will not do it
    ├── AlreadyQueued           already-queued    a retraining waits to begin; one is enough
    ├── NoWebhook               no-webhook        nobody is told of alerts: none is set
    ├── VersionErased           version-erased    an erasure, masking or adoption ended this version
    ├── BaseDamaged             base-damaged      data_MAJ.csv disagrees with the ledger
    ├── StorageFull             storage-full      no room is left on a disk that we must write to
    ├── ArtifactDamaged         artifact-damaged  a model folder disagrees with its manifest
    ├── TrainingImpossible      training-impossible  too few rows or only one class
    ├── StackError              stack             a component did not start, or is running already
    ├── NotSignedIn             not-signed-in     a sign-in at a provider led to no account here
    ├── TooManyAttempts (retriable)  too-many-attempts  too many sign-ins failed, or wait
    └── Busy (retriable)        busy              somebody else holds the lock; try again
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class SatispyError(Exception):
    """Anything that we refuse or fail to do, with a message for the person who asked."""

    code: ClassVar[str] = "satispy"


class ConfigurationError(SatispyError):
    """A setting is unknown, missing or impossible."""

    code = "configuration"


class InvalidInput(SatispyError):
    """What came cannot be read as what was expected."""

    code = "invalid-input"


class NotAReviewFile(InvalidInput):
    """The whole file is refused: it is not a CSV of reviews."""

    code = "not-a-review-file"


class TooManyBadRows(NotAReviewFile):
    """A larger share of the rows is bad than allowed; `summary` says what is wrong with them."""

    code = "too-many-bad-rows"

    def __init__(self, message: str, summary: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.summary = summary


class UnsupportedFile(InvalidInput):
    """The content is no text at all: an archive, a spreadsheet."""

    code = "unsupported-file"


class WeakPassword(InvalidInput):
    """A new password is too short, or among the first that anybody tries."""

    code = "weak-password"


class DuplicateUpload(SatispyError):
    """The same bytes were uploaded before."""

    code = "duplicate-upload"


class KeyReused(SatispyError):
    """One Idempotency-Key came with two different requests."""

    code = "key-reused"


class AlreadyDecided(SatispyError):
    """Somebody made the other decision before."""

    code = "already-decided"


class TooLarge(SatispyError):
    """The upload exceeds the configured size."""

    code = "too-large"


class NotFound(SatispyError):
    """No such upload, model, user or version."""

    code = "not-found"


class NotReady(SatispyError):
    """Nothing is served yet, or the store cannot be read."""

    code = "not-ready"


class DatabaseLost(NotReady):
    """The database server does not answer, or stopped while it did. Trying again is the remedy."""

    code = "database-lost"


class StoreLost(NotReady):
    """The object store does not answer, or not as it should. Trying again is the remedy."""

    code = "store-lost"


class AirflowAway(SatispyError):
    """Airflow does not answer, or not in time. Trying again is the remedy."""

    code = "airflow-away"


class AirflowRefused(SatispyError):
    """Airflow answers, and will not do what it was asked."""

    code = "airflow-refused"


class AlreadyQueued(SatispyError):
    """A retraining waits to begin already; it will read whatever is in the base by then."""

    code = "already-queued"


class NoWebhook(SatispyError):
    """No webhook is set, so nobody can be told."""

    code = "no-webhook"


class VersionErased(SatispyError):
    """The bytes of this dataset version are gone: a later generation of the base replaced them."""

    code = "version-erased"


class BaseDamaged(SatispyError):
    """`data_MAJ.csv` disagrees with the ledger."""

    code = "base-damaged"


class StorageFull(SatispyError):
    """No room is left on a disk that we must write to; nothing was written."""

    code = "storage-full"


class ArtifactDamaged(SatispyError):
    """A model folder disagrees with its manifest."""

    code = "artifact-damaged"


class TrainingImpossible(SatispyError):
    """There are too few rows, or only one class, to learn from."""

    code = "training-impossible"


class StackError(SatispyError):
    """A component of the stack did not start, or one is running already."""

    code = "stack"


class Busy(SatispyError):
    """Somebody else holds the lock. Trying again is the remedy."""

    code = "busy"


class TooManyAttempts(SatispyError):
    """Too many sign-ins have failed, or wait; the remedy is to come again in `retry_after` s."""

    code = "too-many-attempts"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotSignedIn(SatispyError):
    """A sign-in at a provider of OpenID Connect led to no account here."""

    code = "not-signed-in"

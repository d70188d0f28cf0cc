"""A retraining tells OpenLineage that it began, and how it ended; it goes on whether heard or not.

Began is told by the snapshot step, the end by the report step. A step in between that fails for
good is not told of: then the run stays without an end there, and Airflow says why.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from satispy.core.clock import Clock, iso
from satispy.core.errors import SatispyError
from satispy.core.settings import PREFIX, Settings
from satispy.core.types import DatasetVersion
from satispy.data.schema import COLUMNS
from satispy.tracking.address import Address
from satispy.tracking.facts import TrackedDataset
from satispy.tracking.openlineage import COMPLETE, FAIL, START, Retraining, event, send

SETTING = f"{PREFIX}OPENLINEAGE_URL"

log = logging.getLogger(__name__)


def tell_began(settings: Settings, job: str, version: DatasetVersion, clock: Clock) -> None:
    """Tell that a retraining began, where somebody is to be told."""
    _tell(settings, START, job, version, (), clock)


@contextmanager
def telling_end(
    settings: Settings, job: str, version: DatasetVersion, clock: Clock
) -> Iterator[list[str]]:
    """Tell how a retraining ended, once the block is through.

    Yields a list, to which the block adds the runs that it ended with.
    """
    runs: list[str] = []
    try:
        yield runs
    except Exception as error:
        _tell(settings, FAIL, job, version, runs, clock, str(error) or type(error).__name__)
        raise
    _tell(settings, COMPLETE, job, version, runs, clock)


def _tell(
    settings: Settings,
    state: str,
    job: str,
    version: DatasetVersion,
    runs: Sequence[str],
    clock: Clock,
    complaint: str = "",
) -> None:
    if settings.openlineage_url is None:
        return
    base = settings.paths.base
    dataset = TrackedDataset(base.name, str(base), version.chain, version.rows, COLUMNS)
    try:
        address = Address.parse(settings.openlineage_url.get_secret_value(), SETTING)
        send(address, event(state, Retraining(job, dataset, runs), iso(clock()), complaint))
    except SatispyError as error:
        log.warning("OpenLineage is not told: %s", error)

"""Fix the dataset version that a retraining works on."""

import logging

from satispy.core.clock import Clock, system_clock
from satispy.core.errors import TrainingImpossible
from satispy.core.settings import Settings
from satispy.workflows.opening import open_home
from satispy.workflows.openlineage_events import tell_began
from satispy.workflows.retraining.jobs import Job

log = logging.getLogger(__name__)


def snapshot(settings: Settings, dag_run: str, clock: Clock = system_clock) -> str:
    """Fix the dataset version that this run works on; return the job's id.

    Raises
    ------
    TrainingImpossible
        If the base is empty.
    """
    with open_home(settings, clock) as home:
        version = home.store.history.current().version
    if version.rows == 0:
        raise TrainingImpossible(
            f"expected reviews in {settings.paths.base}, but it is empty; "
            "upload a CSV with POST /uploadfile"
        )
    job = Job.begin(settings.paths.jobs, dag_run, version, clock())
    log.info("job %s: dataset version %d, %d rows", job.name, version.number, version.rows)
    tell_began(settings, job.name, version, clock)
    return job.name

"""Seal the evaluated candidates as runs, and let them serve."""

import logging

from satispy.core.clock import Clock, system_clock
from satispy.core.errors import NotReady
from satispy.core.settings import Settings
from satispy.features.vectors import load_vectors
from satispy.models.catalog import family_names
from satispy.models.serving import OnnxModel
from satispy.registry import runs
from satispy.registry.serving import ServingPointers
from satispy.workflows.retraining.jobs import Job

log = logging.getLogger(__name__)


def publish(settings: Settings, job_name: str, clock: Clock = system_clock) -> None:
    """Seal each evaluated candidate as a run, try it, then move its family's pointer.

    Raises
    ------
    NotReady
        If a candidate did not sit the exam: what is not judged does not serve.
    """
    job = Job.find(settings.paths.jobs, job_name)
    pointers = ServingPointers(settings.paths.serving)
    vectors = load_vectors(settings.paths.vectors / job.vectors_version)
    candidates = job.candidates(family_names())
    if unjudged := [one.family for one in candidates if not one.metrics_file.is_file()]:
        raise NotReady(f"expected {', '.join(unjudged)} to be evaluated before it is published")
    of_job = {"job": job.name, "dag_run": job.dag_run, "dataset": vars(job.dataset)}
    for candidate in candidates:
        name = candidate.run_name
        run = runs.seal(candidate.folder, settings.paths.runs, name, of_job | candidate.training)
        OnnxModel.load(run, vectors).predict_proba([["essai"]])
        pointers.move(candidate.family, name, clock())
        log.info("%s serves %s", name, candidate.family)

"""Seal the evaluated candidates as runs, and let them serve."""

import logging
from typing import Any

from satispy.core.clock import Clock, system_clock
from satispy.core.errors import ArtifactDamaged, NotFound, NotReady
from satispy.core.settings import Settings
from satispy.core.types import DatasetVersion
from satispy.features.vectors import check_vectors, load_vectors
from satispy.models.catalog import family_names
from satispy.models.serving import OnnxModel
from satispy.registry import runs
from satispy.registry.serving import ServingPointers
from satispy.workflows.opening import open_home
from satispy.workflows.retraining.jobs import Job

log = logging.getLogger(__name__)


def publish(settings: Settings, job_name: str, clock: Clock = system_clock) -> None:
    """Seal each evaluated candidate as a run, try it, then move its family's pointer.

    A pointer to a run of a later dataset version, or of the same and trained later, stays: then
    this task was cleared after another retraining, and nothing goes back by accident.

    Raises
    ------
    NotReady
        If a candidate did not sit the exam: what is not judged does not serve.
    ArtifactDamaged
        If the word vectors are not those of training.
    """
    job = Job.find(settings.paths.jobs, job_name)
    pointers = ServingPointers(settings.paths.serving)
    folder = settings.paths.vectors / job.vectors_version
    candidates = job.candidates(family_names())
    if unjudged := [one.family for one in candidates if not one.metrics_file.is_file()]:
        raise NotReady(f"expected {', '.join(unjudged)} to be evaluated before it is published")
    for digest in sorted({one.training["vectors_sha256"] for one in candidates}):
        check_vectors(folder, digest)
    vectors = load_vectors(folder)
    of_job = {"job": job.name, "dag_run": job.dag_run, "dataset": vars(job.dataset)}
    for candidate in candidates:
        name, facts = candidate.run_name, of_job | candidate.training
        facts.pop("learning_curve", None)  # a figure, not a fact of the run: training.json has it
        run = runs.seal(candidate.folder, settings.paths.runs, name, facts)
        OnnxModel.load(run, vectors).predict_proba([["essai"]])
        serving = pointers.of(candidate.family)
        manifest = runs.manifest_of(settings.paths.runs, name)
        if serving is not None and _is_newer(settings, serving.run, manifest):
            log.warning("%s goes on serving: it is newer than %s", serving.run, name)
            continue
        pointers.move(candidate.family, name, clock())
        log.info("%s serves %s", name, candidate.family)


def _is_newer(settings: Settings, serving: str, candidate: dict[str, Any]) -> bool:
    """Tell whether the serving run is of a later version of this base, or was trained later."""
    try:
        manifest = runs.check(settings.paths.runs / serving)
    except (NotFound, ArtifactDamaged):
        log.warning("%s cannot be served any more", serving)
        return False
    data = DatasetVersion(**manifest["dataset"])
    if data.number != candidate["dataset"]["number"]:
        return data.number > candidate["dataset"]["number"] and _is_of_this_base(settings, data)
    return bool(manifest["trained_at"] > candidate["trained_at"])


def _is_of_this_base(settings: Settings, version: DatasetVersion) -> bool:
    """Tell whether the base has been in this state; one begun anew has not, whatever its number."""
    with open_home(settings) as home:
        return home.store.history.knows(version)

"""Train one family on the training side; write it as it will be served."""

import importlib.metadata
import logging
import platform
import time

from satispy.core.clock import Clock, iso, system_clock
from satispy.core.files import folder_written_once, write_json
from satispy.core.plan import load_plan
from satispy.core.settings import Settings
from satispy.features.text import TEXT_VERSION
from satispy.features.vectors import load_vectors
from satispy.models.base import TrainingData
from satispy.models.catalog import family_class
from satispy.workflows.retraining.jobs import Job
from satispy.workflows.retraining.reviews import read_side

LIBRARIES = ("satispy", "scikit-learn", "keras", "wikipedia2vec", "onnxruntime", "numpy")

log = logging.getLogger(__name__)


def train(settings: Settings, job_name: str, family: str, clock: Clock = system_clock) -> None:
    """Train one family on the training side; write it as it will be served.

    Raises
    ------
    TrainingImpossible
        If there are too few reviews, or only one class.
    """
    job = Job.find(settings.paths.jobs, job_name)
    candidate = job.candidate(family)
    if candidate.folder.exists():
        log.info("%s is trained already", family)
        return
    plan = load_plan()
    parameters = plan.families.get(family, {})
    side = read_side(job, exam=False)
    vectors = load_vectors(settings.paths.vectors / job.vectors_version)
    data = TrainingData(side.words, side.labels, vectors)
    began = time.perf_counter()
    model = family_class(family)(parameters, seed=plan.seed).fit(data, log=log.info)
    seconds = time.perf_counter() - began
    with folder_written_once(candidate.folder) as folder:
        model.save(folder)
        facts = {
            "family": family,
            "trained_at": iso(clock()),
            "train_seconds": round(seconds, 3),
            "train_rows": len(side.labels),
            "seed": plan.seed,
            "parameters": parameters,
            "vectors_version": vectors.version,
            "text_version": TEXT_VERSION,
            "libraries": _versions(),
        }
        write_json(folder / "training.json", facts)
    log.info("%s trained on %d reviews in %.1f s", family, len(side.labels), seconds)


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for distribution in importlib.metadata.distributions():
        name = distribution.metadata["Name"]
        if name in LIBRARIES or name.startswith("tensorflow"):
            found[name] = distribution.version
    return found

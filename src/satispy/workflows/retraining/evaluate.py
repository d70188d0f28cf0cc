"""Let every candidate sit the exam, in the form in which it will be served."""

import logging

from satispy.core.errors import TrainingImpossible
from satispy.core.files import write_json
from satispy.core.settings import Settings
from satispy.evaluation.metrics import details, headline
from satispy.features.vectors import load_vectors
from satispy.models.catalog import family_names
from satispy.models.serving import OnnxModel
from satispy.workflows.retraining.jobs import Job
from satispy.workflows.retraining.reviews import read_side

log = logging.getLogger(__name__)


def evaluate(settings: Settings, job_name: str) -> None:
    """Let every candidate sit the exam, in the form in which it will be served.

    Raises
    ------
    TrainingImpossible
        If the exam lacks a class.
    """
    job = Job.find(settings.paths.jobs, job_name)
    exam = read_side(job, exam=True)
    present = sorted(set(exam.labels.tolist()))
    if present != [0, 1]:
        raise TrainingImpossible(
            f"expected reviews of both classes among the {len(exam.labels)} of the exam, but "
            f"found the labels {present}; upload more reviews"
        )
    vectors = load_vectors(settings.paths.vectors / job.vectors_version)
    for candidate in job.candidates(family_names()):
        answers = OnnxModel.load(candidate.folder, vectors).predict_proba(exam.words)
        scores = vars(headline(exam.labels, answers))
        further = {"exam_rows": len(exam.labels), "details": details(exam.labels, answers)}
        write_json(candidate.metrics_file, scores | further)
        shown = ", ".join(f"{name} {score:.4f}" for name, score in scores.items())
        log.info("%s: %s", candidate.family, shown)

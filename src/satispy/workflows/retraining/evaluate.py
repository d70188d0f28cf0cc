"""Let every candidate sit the exam, in the form in which it will be served; write its card."""

import logging

from satispy.core.errors import TrainingImpossible
from satispy.core.files import write_atomically, write_json
from satispy.core.settings import Settings
from satispy.evaluation.metrics import details, headline
from satispy.features.vectors import load_vectors
from satispy.models.catalog import family_names
from satispy.models.serving import OnnxModel
from satispy.workflows.retraining.jobs import Job
from satispy.workflows.retraining.model_card import model_card
from satispy.workflows.retraining.reviews import facts_of, read_side

log = logging.getLogger(__name__)


def evaluate(settings: Settings, job_name: str) -> None:
    """Let every candidate sit the exam, in the form in which it will be served; write its card.

    Raises
    ------
    TrainingImpossible
        If the exam lacks a class.
    NotFound
        If a family was not trained.
    """
    job = Job.find(settings.paths.jobs, job_name)
    candidates = job.candidates(family_names())
    exam = read_side(job, exam=True)
    present = sorted(set(exam.labels.tolist()))
    if present != [0, 1]:
        raise TrainingImpossible(
            f"expected reviews of both classes among the {len(exam.labels)} of the exam, but "
            f"found the labels {present}; upload more reviews"
        )
    reviews = facts_of(job)
    vectors = load_vectors(settings.paths.vectors / job.vectors_version)
    for candidate in candidates:
        answers = OnnxModel.load(candidate.folder, vectors).predict_proba(exam.words)
        scores = vars(headline(exam.labels, answers))
        further = {"exam_rows": len(exam.labels), "details": details(exam.labels, answers)}
        card = model_card(
            candidate.run_name, job.dataset, candidate.training, scores | further, reviews
        )
        write_atomically(candidate.model_card, card)
        write_json(candidate.metrics_file, scores | further)
        shown = ", ".join(f"{name} {score:.4f}" for name, score in scores.items())
        log.info("%s: %s", candidate.family, shown)

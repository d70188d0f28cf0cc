"""Turn a snapshot into words, labels and the two sides of the exam; provide the vectors."""

import logging

from satispy.core.clock import Clock, system_clock
from satispy.core.plan import load_plan
from satispy.core.settings import Settings
from satispy.data.snapshot import read_snapshot
from satispy.evaluation.split import is_exam
from satispy.features.text import tokenize
from satispy.features.vectors import coverage
from satispy.workflows.opening import open_home
from satispy.workflows.retraining.jobs import Job
from satispy.workflows.retraining.reviews import write_reviews
from satispy.workflows.vectors import vectors_for_training

log = logging.getLogger(__name__)


def preprocess(
    settings: Settings, job_name: str, *, renew_vectors: bool = False, clock: Clock = system_clock
) -> None:
    """Turn the snapshot into words, labels and two sides; provide the word vectors.

    Raises
    ------
    VersionErased
        If the base was written anew since the job began.
    BaseDamaged
        If a byte of the snapshot was changed since it was committed.
    ArtifactDamaged
        If the word vectors in use disagree with their card.
    """
    job = Job.find(settings.paths.jobs, job_name)
    job.start_over()
    with open_home(settings) as home:
        frame = read_snapshot(home.store, job.dataset.number)
    texts = frame["Commentaire"].tolist()
    exam = [is_exam(text) for text in texts]
    words = [tokenize(text) for text in texts]
    write_reviews(job, frame, words, exam)
    training_side = [text for text, examined in zip(texts, exam, strict=True) if not examined]
    vectors = vectors_for_training(
        settings, training_side, load_plan(), clock(), renew=renew_vectors
    )
    known = coverage(words, vectors)
    job.write_vectors(vectors.version, known)
    log.info(
        "%d reviews, %d in the exam; the vectors know %.1f %% of the words",
        len(texts),
        sum(exam),
        100 * known,
    )

"""Turn a snapshot into words, labels and the two sides of the exam; provide the vectors."""

import logging

from satispy.core.clock import Clock, system_clock
from satispy.core.plan import load_plan
from satispy.core.settings import Settings
from satispy.workflows.feedback import replaced_reviews
from satispy.workflows.opening import open_home
from satispy.workflows.retraining.corrected import corrected_rows
from satispy.workflows.retraining.jobs import Job
from satispy.workflows.retraining.prepared import prepare
from satispy.workflows.retraining.reviews import count_words, read_side, sizes, take_reviews
from satispy.workflows.vectors import MOST_FOR_VECTORS, choose_vectors

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
        parts = prepare(home.store, job.dataset.number, settings.paths.prepared)
        corrected = corrected_rows(parts, replaced_reviews(home))
    take_reviews(job, parts, without=corrected)
    if corrected:
        log.info("%d reviews were corrected; what corrects them is read instead", len(corrected))
    of_training, of_all = count_words(job.reviews)
    chosen = choose_vectors(
        settings,
        of_training,
        lambda: read_side(job.reviews, exam=False, most=MOST_FOR_VECTORS).words,
        load_plan(settings.plan),
        clock(),
        renew=renew_vectors,
    )
    known = of_all.known(chosen.vectors.vocabulary)
    job.write_vectors(
        chosen.vectors.version, known, why=chosen.why, coverage_of_new=round(chosen.of_new, 6)
    )
    learnt, examined = sizes(job.reviews)
    log.info(
        "%d reviews, %d in the exam; the vectors know %.1f %% of the words, and of those that new "
        "vectors would know %.1f %%",
        learnt + examined,
        examined,
        100 * known,
        100 * chosen.of_new,
    )

"""Index the reviews of a job by their vectors: the API shows the neighbours of a text."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import asdict

from satispy.core.clock import Clock, iso, stamp
from satispy.core.errors import ArtifactDamaged, NotFound
from satispy.core.settings import Settings
from satispy.features import neighbours
from satispy.features.neighbours import Ids, Vectors
from satispy.features.text import TEXT_VERSION
from satispy.features.vectors import check_vectors, load_vectors
from satispy.registry import runs
from satispy.registry.serving import ServingPointers
from satispy.workflows.neighbours import follow_base
from satispy.workflows.opening import open_home
from satispy.workflows.retraining.jobs import Job
from satispy.workflows.retraining.reviews import count_words, each_text

log = logging.getLogger(__name__)


def index_reviews(settings: Settings, job: Job, clock: Clock) -> None:
    """Write the index of neighbours, by the vectors that serve, and let it answer.

    One of a later dataset version stays: then this task was cleared after another retraining.

    Raises
    ------
    ArtifactDamaged
        If the vectors disagree with their card.
    """
    shelf = settings.paths.neighbours
    if _is_newer(settings, job):
        log.info("the index of neighbours is of a later dataset version and stays")
        return
    version = _serving_vectors(settings) or job.vectors_version
    folder = settings.paths.vectors / version
    digest = check_vectors(folder)
    vectors = load_vectors(folder)
    weights = neighbours.weights_of(count_words(job.reviews)[1].counts, vectors)
    rows, some = each_text(job.reviews)

    def parts() -> Iterator[tuple[Ids, Vectors]]:
        for ids, words in some:
            yield ids, neighbours.mean_vectors(words, vectors, weights)

    moment, dimensions = clock(), int(vectors.matrix.shape[1])
    card = {
        "created_at": iso(moment),
        "vectors_version": version,
        "vectors_sha256": digest,
        "dimensions": dimensions,
        "text_version": TEXT_VERSION,
        "dataset": asdict(job.dataset),
        "follows": job.dataset.number,
    }
    name = stamp(moment)
    kept = neighbours.write_index(shelf / name, parts(), rows, dimensions, weights, card)
    neighbours.choose(shelf, name)
    log.info("%d of %d texts are in the index of neighbours, by %s", kept, rows, version)
    with open_home(settings, clock) as home:
        follow_base(home)  # rows may have been erased while it was being written


def _is_newer(settings: Settings, job: Job) -> bool:
    try:
        card = neighbours.chosen_card(settings.paths.neighbours)
    except ArtifactDamaged as error:
        log.warning("%s; it is written anew", error)
        return False
    return card is not None and int(card["dataset"]["number"]) > job.dataset.number


def _serving_vectors(settings: Settings) -> str | None:
    """Return the version of the champion's vectors; None where nothing serves that has some."""
    try:
        pointers = ServingPointers(settings.paths.serving)
        champion = pointers.champion()
        serving = pointers.of(champion.family) if champion else None
        if serving is None:
            return None
        manifest = runs.manifest_of(settings.paths.runs, serving.run)
    except (NotFound, ArtifactDamaged) as error:
        log.warning("the champion's vectors are not known: %s", error)
        return None
    version = str(manifest.get("vectors_version"))
    return version if (settings.paths.vectors / version).is_dir() else None

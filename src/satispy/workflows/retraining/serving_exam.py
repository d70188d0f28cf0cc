"""The exam of a job, sat by what serves: its answers are kept, for several steps ask for them."""

import logging

from satispy.core.errors import SatispyError
from satispy.core.settings import Settings
from satispy.core.types import WordVectors
from satispy.evaluation.metrics import Probabilities
from satispy.registry.serving import ServingPointers
from satispy.workflows.published_run import open_run
from satispy.workflows.retraining.jobs import Candidate, Job
from satispy.workflows.retraining.reviews import read_side

log = logging.getLogger(__name__)


class ServingExam:
    """What serves, before the exam of one job.

    Parameters
    ----------
    settings
        Name the home.
    job
        Whose exam; keeps the answers.
    """

    def __init__(self, settings: Settings, job: Job) -> None:
        self._paths = settings.paths
        self._pointers = ServingPointers(settings.paths.serving)
        self._job = job
        self._words: list[list[str]] | None = None
        self._vectors: dict[str, WordVectors] = {}

    @property
    def words(self) -> list[list[str]]:
        """The words of each review, in the order of the sheet."""
        if self._words is None:
            self._words = read_side(self._job.reviews, exam=True).words
        return self._words

    def run_before(self, candidate: Candidate) -> str | None:
        """Return the run that serves; where that is the candidate already, the one before it."""
        name, family = candidate.run_name, candidate.family
        pointer = self._pointers.of(family)
        if pointer is None or pointer.run != name:
            return pointer.run if pointer else None
        return next(iter(self._pointers.before(family)), None)

    def answers(self, run: str) -> Probabilities:
        """Return P(label 1) of each review by a run, shape (n,).

        Raises
        ------
        NotFound, ArtifactDamaged
            If the run cannot be opened.
        """
        if (known := self._job.answers(run)) is not None:
            return known
        found = open_run(self._paths, run, self._vectors).predict_proba(self.words)
        self._job.write_answers(run, found)
        return found

    def ask_all(self) -> None:
        """Let everything that serves sit the exam: any of it may be, or become, the champion."""
        for pointer in self._pointers.all():
            try:
                self.answers(pointer.run)
            except SatispyError as error:
                log.warning("what serves %s cannot sit the exam: %s", pointer.family, error)

"""All steps of a retraining in this process, one after another: the DAG, without Airflow."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from satispy.core.clock import Clock, stamp, system_clock
from satispy.core.errors import SatispyError
from satispy.core.settings import Settings
from satispy.models.catalog import family_names
from satispy.workflows.retraining.evaluate import evaluate
from satispy.workflows.retraining.gate import gate
from satispy.workflows.retraining.jobs import Job
from satispy.workflows.retraining.preprocess import preprocess
from satispy.workflows.retraining.promote import Answer, promote
from satispy.workflows.retraining.report import report
from satispy.workflows.retraining.snapshot import snapshot
from satispy.workflows.retraining.train import train

Tell = Callable[[str, int, int], None]
"""Receives the name of the step that begins, how many are done, and how many there are."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Retrained:
    """What came of a retraining.

    Attributes
    ----------
    job
        Its id.
    decided
        What became of each family, and of the title of champion, in a sentence.
    failed
        Families that could not be trained, and why.
    """

    job: str
    decided: dict[str, str]
    failed: dict[str, str] = field(default_factory=dict)


def retrain(
    settings: Settings,
    tell: Tell,
    *,
    renew_vectors: bool = False,
    answer: Callable[[dict[str, str]], Answer] | None = None,
    clock: Clock = system_clock,
) -> Retrained:
    """Retrain every family on the reviews uploaded so far.

    Parameters
    ----------
    settings
        Name the home.
    tell
        Follows the steps.
    renew_vectors
        Learn new word vectors even where those in use know nearly all words.
    answer
        Asks a person whether what the gate blessed may serve; nobody is asked by default.
    clock
        Dates the steps.

    Returns
    -------
    Retrained
        A family that fails stops no other, as in the DAG.

    Raises
    ------
    TrainingImpossible
        If there is nothing to learn from.
    SatispyError
        Whatever a step refuses.
    """
    families = family_names()
    steps = ["snapshot", "preprocess", *(f"train {one}" for one in families)]
    steps += ["evaluate", "gate", "promote", "report"]
    done = iter(range(len(steps)))

    def begin(step: str) -> None:
        tell(step, next(done), len(steps))

    begin("snapshot")
    job = snapshot(settings, f"command__{stamp(clock())}", clock)
    begin("preprocess")
    preprocess(settings, job, renew_vectors=renew_vectors, clock=clock)
    failed: dict[str, str] = {}
    for family in families:
        begin(f"train {family}")
        try:
            train(settings, job, family, clock)
        except SatispyError as error:
            log.exception("%s was not trained", family)
            failed[family] = str(error)
    begin("evaluate")
    evaluate(settings, job)
    begin("gate")
    said = gate(settings, job)
    blessed = {family: line for family, line in said.items() if line.startswith("blessed")}
    begin("promote")
    decided = promote(settings, job, answer(blessed) if answer and blessed else None, clock)
    begin("report")
    try:
        report(settings, job, clock)
    except SatispyError:
        if not Job.find(settings.paths.jobs, job).failed(families):
            raise
    tell("done", len(steps), len(steps))
    return Retrained(job, decided, failed)

"""Seal the judged candidates as runs, let those serve that were blessed, choose the champion."""

import json
import logging
from dataclasses import asdict, dataclass
from datetime import datetime

from satispy.core.clock import Clock, system_clock
from satispy.core.errors import NotReady
from satispy.core.files import read_json
from satispy.core.plan import load_plan
from satispy.core.settings import Settings
from satispy.evaluation.compare import gap_between
from satispy.evaluation.examination import scores_of_labels
from satispy.evaluation.metrics import predicted
from satispy.features.vectors import check_vectors, load_vectors
from satispy.models.catalog import family_names
from satispy.models.serving import OnnxModel
from satispy.registry import runs
from satispy.registry.history import GATE
from satispy.registry.policy import BETWEEN_FAMILIES, choose_champion
from satispy.registry.serving import ServingPointers
from satispy.workflows.retraining.exam_sheet import read_sheet
from satispy.workflows.retraining.gate import is_newer
from satispy.workflows.retraining.jobs import Candidate, Job
from satispy.workflows.retraining.serving_exam import ServingExam
from satispy.workflows.shared_store import pointers_of

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """What a person said to the request for approval."""

    approved: bool
    by: str
    comment: str = ""


def answer_of(given: str) -> Answer | None:
    """Read what Airflow's human-in-the-loop operator returns, as JSON; None where nobody was asked.

    An answer without a person is that of the clock: nobody answered in time.
    """
    if not given:
        return None
    found = json.loads(given)
    person = found.get("responded_by_user") or {}
    by = person.get("name") or person.get("id") or ""
    comment = str((found.get("params_input") or {}).get("comment", ""))
    if not by:
        return Answer(approved=False, by="nobody", comment="nobody answered in time")
    return Answer(approved=found["chosen_options"] == ["Approve"], by=by, comment=comment)


def promote(
    settings: Settings, job_name: str, answer: Answer | None = None, clock: Clock = system_clock
) -> dict[str, str]:
    """Seal each candidate as a run, try it, then let it serve or hold it; choose the champion.

    A pointer to a run of a later dataset version, or of the same and trained later, stays: then
    this task was cleared after another retraining, and nothing goes back by accident.

    Parameters
    ----------
    settings
        Name the home.
    job_name
        Which retraining.
    answer
        Of a person, where one was asked; a refusal holds every candidate.
    clock
        Dates the decisions.

    Returns
    -------
    dict
        What became of each family, in a sentence.

    Raises
    ------
    NotReady
        If a candidate was not judged: what is not judged does not serve.
    ArtifactDamaged
        If the word vectors are not those of training.
    """
    job = Job.find(settings.paths.jobs, job_name)
    pointers = pointers_of(settings)
    pointers.settle()
    folder = settings.paths.vectors / job.vectors_version
    candidates = job.candidates(family_names())
    if unjudged := [one.family for one in candidates if not one.gate_file.is_file()]:
        raise NotReady(f"expected {', '.join(unjudged)} to be judged by the gate first; clear gate")
    for digest in sorted({one.training["vectors_sha256"] for one in candidates}):
        check_vectors(folder, digest)
    vectors = load_vectors(folder)
    of_job = {"job": job.name, "dag_run": job.dag_run, "dataset": asdict(job.dataset)}
    said = {}
    for candidate in candidates:
        name, facts = candidate.run_name, of_job | candidate.training
        facts.pop("learning_curve", None)  # a figure, not a fact of the run: training.json has it
        run = runs.seal(candidate.folder, settings.paths.runs, name, facts)
        OnnxModel.load(run, vectors).predict_proba([["essai"]])
        said[candidate.family] = _decide(settings, pointers, candidate, answer, clock())
        log.info("%s: %s", name, said[candidate.family])
    ServingExam(settings, job).ask_all()
    said |= _crown(job, pointers, load_plan(settings.plan).seed, clock())
    return said


def _decide(
    settings: Settings,
    pointers: ServingPointers,
    candidate: Candidate,
    answer: Answer | None,
    moment: datetime,
) -> str:
    family, name = candidate.family, candidate.run_name
    verdict = read_json(candidate.gate_file)
    facts = {"reason": verdict["reason"], "checks": verdict["checks"]}
    if answer is not None:
        facts |= {"by": answer.by, "comment": answer.comment}
    serving = pointers.of(family)
    if serving is not None and serving.run == name:
        return "serves already"
    manifest = runs.manifest_of(settings.paths.runs, name)
    if serving is not None and is_newer(settings, serving.run, manifest):
        log.warning("%s goes on serving: it is newer than %s", serving.run, name)
        return f"left: {serving.run}, which serves, is newer"
    if serving is not None and serving.run != verdict["serving"]:
        reason = f"{serving.run} serves by now, which the gate has not compared it with; clear gate"
        pointers.hold(family, name, moment, **facts | {"reason": reason})
        return f"held: {reason}"
    if not verdict["blessed"]:
        pointers.hold(family, name, moment, **facts | {"by": GATE, "comment": ""})
        return f"held: {verdict['reason']}"
    if answer is not None and not answer.approved:
        reason = f"{answer.by} rejected it"
        pointers.hold(family, name, moment, **facts | {"reason": reason})
        return f"held: {reason}"
    pointers.promote(family, name, moment, **facts)
    return f"promoted: {verdict['reason']}"


def _crown(job: Job, pointers: ServingPointers, seed: int, moment: datetime) -> dict[str, str]:
    """Choose the champion among what serves now, on the same reviews of the exam."""
    sheet = read_sheet(job, exam=True)
    answers = {
        pointer.family: predicted(found)
        for pointer in pointers.all()
        if (found := job.answers(pointer.run)) is not None
    }
    if not answers:
        log.info("no champion is chosen: nothing that serves sat this exam")
        return {}
    scores = {
        family: scores_of_labels(sheet.labels, labels)[BETWEEN_FAMILIES]
        for family, labels in answers.items()
    }
    now = pointers.champion()
    champion = now.family if now else None
    beside = {
        family: gap_between(
            sheet.labels,
            labels,
            answers[champion],
            sheet.traits.texts,
            score=BETWEEN_FAMILIES,
            seed=seed,
        )
        for family, labels in answers.items()
        if champion is not None and champion in answers and family != champion
    }
    family, reason = choose_champion(champion, scores, beside)
    if pointers.crown(family, moment, reason=reason):
        log.info("%s is the champion: %s", family, reason)
    return {"champion": f"{family}: {reason}"}

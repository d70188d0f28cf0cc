"""Decide which candidates may serve, on the evidence of the exam and of a rehearsal."""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

from satispy.core.errors import ArtifactDamaged, NotFound, NotReady
from satispy.core.files import read_json, write_json
from satispy.core.plan import Plan, load_plan
from satispy.core.settings import Settings
from satispy.core.types import METRICS, DatasetVersion
from satispy.evaluation.behaviour import GOLDEN, marked, questions, texts_of
from satispy.evaluation.compare import compare
from satispy.evaluation.metrics import predicted
from satispy.models.catalog import family_names
from satispy.registry import runs
from satispy.registry.evidence import Evidence, Rehearsal, Serving
from satispy.registry.policy import judge
from satispy.workflows.rehearsal import RehearsalFailed, rehearse
from satispy.workflows.retraining.exam_sheet import Sheet, read_sheet
from satispy.workflows.retraining.jobs import Candidate, Job
from satispy.workflows.retraining.serving_exam import ServingExam

REHEARSALS_AT_ONCE = 2
"""Processes of their own; more would make each other look slow."""

log = logging.getLogger(__name__)


def gate(settings: Settings, job_name: str) -> dict[str, str]:
    """Judge every candidate; return what was decided and why, by family.

    Raises
    ------
    NotReady
        If a candidate did not sit the exam.
    """
    job = Job.find(settings.paths.jobs, job_name)
    plan = load_plan(settings.plan)
    candidates = job.candidates(family_names())
    if unjudged := [one.family for one in candidates if not one.metrics_file.is_file()]:
        raise NotReady(f"expected {', '.join(unjudged)} to be evaluated first; clear evaluate")
    sheet, exam = read_sheet(job, exam=True), ServingExam(settings, job)
    with ThreadPoolExecutor(REHEARSALS_AT_ONCE) as pool:
        rehearsals = pool.map(lambda one: _rehearsal(settings, job, one), candidates)
        compared = [_serving(settings, job, one, exam, sheet, plan) for one in candidates]
        evidences = list(map(_evidence, candidates, rehearsals, compared))
    said = {}
    for candidate, evidence in zip(candidates, evidences, strict=True):
        serving = exam.run_before(candidate)
        verdict = judge(evidence, plan.gate)
        blessed = verdict.blessed or not plan.gate.enabled
        reason = verdict.reason
        if not plan.gate.enabled:
            reason = f"the gate is switched off; it would have said: {reason}"
        write_json(
            candidate.gate_file,
            {
                "blessed": blessed,
                "reason": reason,
                "serving": serving,
                "checks": [asdict(check) for check in verdict.checks],
            },
        )
        said[candidate.family] = f"{'blessed' if blessed else 'held'}: {reason}"
        for check in verdict.checks:
            mark = "noted" if not check.gating else "passed" if check.passed else "FAILED"
            log.info("%s: %s: %s (%s)", candidate.family, mark, check.sentence, check.name)
        log.info("%s is %s", candidate.family, said[candidate.family])
    return said


def is_newer(settings: Settings, serving: str, candidate: dict[str, Any]) -> bool:
    """Tell whether the serving run is of a later version of this base, or was trained later."""
    try:
        manifest = runs.check(settings.paths.runs / serving)
    except (NotFound, ArtifactDamaged):
        log.warning("%s cannot be served any more", serving)
        return False
    data, dataset = DatasetVersion(**manifest["dataset"]), candidate["dataset"]
    if data.number != dataset["number"]:
        return data.number > dataset["number"] and _is_of_this_base(settings, data)
    return bool(manifest["trained_at"] > candidate["trained_at"])


def _evidence(candidate: Candidate, rehearsal: Rehearsal, serving: Serving | None) -> Evidence:
    metrics = read_json(candidate.metrics_file)
    widest = {kind: found["widest"] for kind, found in metrics["fairness"].items()}
    return Evidence(
        scores={name: metrics[name] for name in (*METRICS, "macro_f1")},
        calibration_error=metrics["details"]["calibration_error"],
        accuracy_ratios={kind: found["accuracy_ratio"] for kind, found in widest.items()},
        rehearsal=rehearsal,
        serving=serving,
    )


def _rehearsal(settings: Settings, job: Job, candidate: Candidate) -> Rehearsal:
    asked = questions()
    vectors = settings.paths.vectors / job.vectors_version
    try:
        answers, median_ms = rehearse(candidate.folder, vectors, texts_of(asked))
    except RehearsalFailed as error:
        return Rehearsal(str(error))
    found = marked(asked, answers)
    right, golden = found.pop(GOLDEN)
    return Rehearsal("", right, golden, median_ms, found)


def _serving(
    settings: Settings, job: Job, candidate: Candidate, exam: ServingExam, sheet: Sheet, plan: Plan
) -> Serving | None:
    """Compare with what serves, unless nothing does, or it cannot be read any more."""
    run = exam.run_before(candidate)
    if run is None:
        return None
    try:
        theirs = exam.answers(run)
        dataset = runs.manifest_of(settings.paths.runs, run)["dataset"]
    except (NotFound, ArtifactDamaged) as error:
        log.warning("%s serves %s but cannot be read: %s", run, candidate.family, error)
        return None
    ours = job.answers(candidate.run_name)
    if ours is None:
        raise NotReady(f"expected the answers of {candidate.run_name}; clear evaluate")
    facts = {"dataset": asdict(job.dataset), "trained_at": candidate.training["trained_at"]}
    return Serving(
        run=run,
        same_data=dataset == facts["dataset"],
        newer=is_newer(settings, run, facts),
        beside=compare(
            sheet.labels,
            predicted(ours),
            predicted(theirs),
            sheet.traits,
            slice_margin=plan.gate.slice_margin,
            seed=plan.seed,
        ),
    )


def _is_of_this_base(settings: Settings, version: DatasetVersion) -> bool:
    """Tell whether the base has been in this state; one begun anew has not, whatever its number."""
    from satispy.workflows.opening import open_home  # brings the database, half of what is imported

    with open_home(settings) as home:
        return home.store.history.knows(version)

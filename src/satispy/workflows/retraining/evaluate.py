"""Let every candidate sit the exam, in the form in which it will be served; write its card."""

import logging
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from satispy.core.errors import SatispyError, TrainingImpossible
from satispy.core.files import write_json
from satispy.core.plan import load_plan
from satispy.core.settings import Settings
from satispy.core.types import METRICS, WordVectors
from satispy.evaluation.examination import beside, examine
from satispy.evaluation.held_out import held_out_scores
from satispy.evaluation.metrics import Labels, details, predicted
from satispy.evaluation.slices import groupings
from satispy.evaluation.yardsticks import Rule, majority_rule, source_rule
from satispy.features.vectors import load_vectors
from satispy.models.catalog import family_names
from satispy.models.serving import OnnxModel
from satispy.workflows.lineage import uploads_behind
from satispy.workflows.model_card.facts import card_of
from satispy.workflows.model_card.files import write_card
from satispy.workflows.model_card.schema import HTML_FILES
from satispy.workflows.model_card.words import Words
from satispy.workflows.opening import open_home
from satispy.workflows.retraining.exam_sheet import Sheet, read_held_out, read_sheet
from satispy.workflows.retraining.jobs import Candidate, Job
from satispy.workflows.retraining.reviews import facts_of
from satispy.workflows.retraining.serving_exam import ServingExam

JUDGED_AT_ONCE = 2
"""Threads: the bootstrap is numpy's, which lets others run."""
JUDGED_ALONE_BEYOND = 50_000
"""Reviews of an exam; with more of them memory counts, and each judgement takes its own."""

log = logging.getLogger(__name__)


def evaluate(settings: Settings, job_name: str) -> None:
    """Let every candidate sit the exam, in the form in which it will be served; write its card.

    Beside it sit the model of its family that serves today, and two rules that read no text.

    Raises
    ------
    TrainingImpossible
        If the exam lacks a class.
    NotFound
        If a family was not trained.
    ArtifactDamaged
        If a candidate cannot be loaded, or its held-out predictions are not of this job.
    """
    job = Job.find(settings.paths.jobs, job_name)
    candidates = job.candidates(family_names())
    sheet, learnt = read_sheet(job, exam=True), read_sheet(job, exam=False)
    present = sorted(set(sheet.labels.tolist()))
    if present != [0, 1]:
        raise TrainingImpossible(
            f"expected reviews of both classes among the {len(sheet.labels)} of the exam, but "
            f"found the labels {present}; upload more reviews"
        )
    exam = Exam(settings, job, sheet, load_plan(settings.plan).seed)
    rules = {
        "majority": majority_rule(learnt.labels),
        "source_rule": source_rule(learnt.traits.source, learnt.labels),
    }
    reviews = facts_of(job.reviews)
    with open_home(settings) as home:
        uploads = uploads_behind(home, job.dataset)
    made_by = {"job": job.name, "dag_run": job.dag_run}
    vectors = load_vectors(settings.paths.vectors / job.vectors_version)
    judge = partial(exam.judge, vectors=vectors, rules=rules, learnt=learnt)
    at_once = JUDGED_AT_ONCE if len(sheet.labels) <= JUDGED_ALONE_BEYOND else 1
    with ThreadPoolExecutor(at_once) as pool:
        judged = list(pool.map(judge, candidates))
    languages = [Words(language) for language in HTML_FILES]
    for candidate, metrics in zip(candidates, judged, strict=True):
        training = candidate.training
        for words in languages:
            card = card_of(
                run=candidate.run_name,
                job=made_by,
                dataset=job.dataset,
                training=training,
                metrics=metrics,
                reviews=reviews,
                uploads=uploads,
                words=words,
            )
            write_card(candidate.folder, card, words)
        write_json(candidate.metrics_file, metrics)
        shown = ", ".join(
            f"{name} {metrics[name]:.4f} ({metrics[f'{name}_low']:.4f} to "
            f"{metrics[f'{name}_high']:.4f})"
            for name in METRICS
        )
        log.info("%s: %s", candidate.family, shown)


class Exam:
    """The exam of one job; every model answers the same reviews.

    Parameters
    ----------
    settings
        Name the home, where the serving models lie.
    job
        Keeps what each model answered, for the gate.
    sheet
        Labels and traits of the n reviews.
    seed
        Seed of the intervals.
    """

    def __init__(self, settings: Settings, job: Job, sheet: Sheet, seed: int) -> None:
        self._sheet = sheet
        self._job = job
        self._serving_exam = ServingExam(settings, job)
        self._words = self._serving_exam.words  # read before several ask for them
        self._seed = seed

    def judge(
        self, candidate: Candidate, vectors: WordVectors, rules: dict[str, Rule], learnt: Sheet
    ) -> dict[str, Any]:
        """Return all that the report says of a candidate, ready for JSON."""
        from satispy.evaluation.fairness import group_fairness  # brings fairlearn: judging only

        probabilities = OnnxModel.load(candidate.folder, vectors).predict_proba(self._words)
        self._job.write_answers(candidate.run_name, probabilities)
        labels, traits, seed = self._sheet.labels, self._sheet.traits, self._seed
        answers = predicted(probabilities)
        groups = groupings(traits)
        judgement = {
            **examine(labels, probabilities, traits, seed=seed),
            "fairness": {
                kind: group_fairness(labels, answers, groups[kind])
                for kind in ("source", "company")
            },
            "yardsticks": {name: self._rule(rule, answers) for name, rule in rules.items()},
            "serving": self._serving(candidate, answers),
        }
        held_out = read_held_out(candidate.folder, learnt)
        if held_out is not None:
            judgement["held_out"] = held_out_scores(**vars(held_out), seed=seed)
        return judgement

    def _rule(self, rule: Rule, answers: Labels) -> dict[str, Any]:
        labels, traits = self._sheet.labels, self._sheet.traits
        names = groupings(traits)["source"].names
        return {
            **beside(labels, answers, rule.answers(traits.source), traits, seed=self._seed),
            "answers": {name: rule.by_source[name] for name in names if name in rule.by_source},
            "otherwise": rule.otherwise,
        }

    def _serving(self, candidate: Candidate, answers: Labels) -> dict[str, Any]:
        """Let the model that serves the family today sit the same exam."""
        run = None
        try:
            run = self._serving_exam.run_before(candidate)
            if run is None:
                return {"state": "none"}
            probabilities = self._serving_exam.answers(run)
        except SatispyError as error:
            log.warning("what serves %s cannot sit the exam: %s", candidate.family, error)
            return {"state": "unreadable", "run": run, "code": error.code, "detail": str(error)}
        labels, traits = self._sheet.labels, self._sheet.traits
        return {
            "state": "examined",
            "run": run,
            **beside(labels, answers, predicted(probabilities), traits, seed=self._seed),
            "details": details(labels, probabilities),
        }

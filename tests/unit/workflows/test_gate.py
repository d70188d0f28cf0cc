"""The gate on real candidates: what it holds, why, and what it leaves in the history."""

import json
import shutil
from datetime import UTC, datetime

import numpy as np
import pyarrow.parquet as pq
import pytest
import yaml

from satispy.core.errors import NotFound
from satispy.core.files import read_json
from satispy.core.plan import PACKAGED
from satispy.core.settings import Settings
from satispy.demo.reviews import write_reviews
from satispy.features.vectors import load_vectors
from satispy.models.base import TrainingData
from satispy.models.catalog import family_class
from satispy.registry.serving import ServingPointers
from satispy.workflows.ingest import Delivery, ingest_file
from satispy.workflows.opening import open_home
from satispy.workflows.rehearsal import RehearsalFailed, rehearse
from satispy.workflows.retraining.evaluate import evaluate
from satispy.workflows.retraining.gate import gate
from satispy.workflows.retraining.jobs import Job
from satispy.workflows.retraining.preprocess import preprocess
from satispy.workflows.retraining.promote import Answer, answer_of, promote
from satispy.workflows.retraining.report import report
from satispy.workflows.retraining.snapshot import snapshot
from satispy.workflows.retraining.train import train

FAMILY = "svm"


@pytest.fixture(scope="module")
def with_more_reviews(trained_home, tmp_path_factory):
    """A home that serves three families, and whose base has grown since; a job prepared on it."""
    place = tmp_path_factory.mktemp("grown")
    shutil.copytree(trained_home, place / "home")
    settings = Settings(home=place / "home")
    second = write_reviews(place / "reviews")[1]
    with second.open("rb") as file, open_home(settings) as home:
        ingest_file(home, Delivery(file, second.name, "admin"))
    job = snapshot(settings, "manual__second")
    preprocess(settings, job)
    train(settings, job, FAMILY)
    return settings.paths.home


@pytest.fixture
def settings(with_more_reviews, tmp_path):
    shutil.copytree(with_more_reviews, tmp_path / "home")
    return Settings(home=tmp_path / "home")


@pytest.fixture
def job(settings):
    return Job(max(settings.paths.jobs.iterdir()))


@pytest.fixture
def pointers(settings):
    return ServingPointers(settings.paths.serving)


def spoil(job, turn):
    """Train the candidate again on labels, or reviews, that `turn` makes of the right ones."""
    candidate = job.candidate(FAMILY)
    tables = [pq.read_table(path) for path in job.reviews]
    rows = [row for table in tables for row in table.to_pylist() if not row["exam"]]
    kept = turn(rows)
    words = [row["words"] for row in kept]
    labels = np.array([row["label"] for row in kept], dtype=np.int8)
    training = candidate.training
    vectors = load_vectors(job.folder.parents[1] / "vectors" / job.vectors_version)
    model = family_class(FAMILY)(training["parameters"], seed=20)
    model.fit(TrainingData(words, labels, vectors))
    for name in ("model.onnx", "encoder.json", "held_out.parquet"):
        (candidate.folder / name).unlink()
    model.save(candidate.folder)


def judged(settings, job):
    evaluate(settings, job.name)
    return gate(settings, job.name)[FAMILY]


def test_a_candidate_of_more_reviews_that_is_as_good_is_promoted_with_every_check_in_the_history(
    settings, job, pointers
):
    before = pointers.of(FAMILY).run
    assert judged(settings, job).startswith("blessed: all ")
    assert promote(settings, job.name)[FAMILY].startswith("promoted: all ")
    decision = next(one for one in reversed(pointers.history()) if one.family == FAMILY)
    assert (decision.event, decision.run, decision.previous, decision.by) == (
        *("promoted", job.candidate(FAMILY).run_name),
        *(before, "gate"),
    )
    names = {check["name"] for check in decision.checks}
    assert {"not worse in macro_f1", "no slice is worse", "loads and answers"} <= names
    assert all(check["sentence"] for check in decision.checks)


def test_a_candidate_that_learnt_shuffled_labels_is_held(settings, job, pointers):
    def shuffled(rows):
        labels = np.random.default_rng(1).permutation([row["label"] for row in rows])
        return [row | {"label": int(label)} for row, label in zip(rows, labels, strict=True)]

    spoil(job, shuffled)
    serving = pointers.of(FAMILY).run
    said = judged(settings, job)
    assert said.startswith("held: ")
    assert "f1_0" in said
    assert "is not above .800" in said
    assert f"points above {serving}" in said
    assert promote(settings, job.name)[FAMILY].startswith("held: ")
    assert pointers.of(FAMILY).run == serving
    decision = next(one for one in reversed(pointers.history()) if one.family == FAMILY)
    assert (decision.event, decision.run) == ("held", job.candidate(FAMILY).run_name)
    assert decision.reason == said.removeprefix("held: ")


def test_a_candidate_with_one_damaged_slice_is_held_and_the_slice_is_named(settings, job):
    evaluate(settings, job.name)
    rows = [row for path in job.reviews for row in pq.read_table(path).to_pylist() if row["exam"]]
    lengths = np.array([len(row["words"]) for row in rows])
    name = job.candidate(FAMILY).run_name
    answers = job.answers(name).copy()
    damaged = (lengths >= 11) & (lengths <= 25)
    answers[damaged] = 1 - answers[damaged]
    job.write_answers(name, answers)
    said = gate(settings, job.name)[FAMILY]
    assert said.startswith("held: ")
    assert "words 11 to 25 (macro-F1 -" in said


def test_the_same_data_again_is_held_unless_it_is_better(settings, job):
    judged(settings, job)
    promote(settings, job.name)
    again = snapshot(settings, "manual__again")
    preprocess(settings, again)
    train(settings, again, FAMILY)
    evaluate(settings, again)
    assert "not shown better than" in gate(settings, again)[FAMILY]


def test_a_candidate_that_does_not_load_in_a_process_of_its_own_is_held(settings, job):
    evaluate(settings, job.name)
    (job.candidate(FAMILY).folder / "encoder.json").write_text("{}")
    said = gate(settings, job.name)[FAMILY]
    assert said.startswith("held: does not answer: expected a")


def test_with_the_gate_switched_off_everything_serves_and_the_history_says_so(
    settings, job, pointers, tmp_path
):
    plan = yaml.safe_load(PACKAGED.read_text(encoding="utf-8"))
    plan["gate"] |= {"enabled": False, "floors": {"accuracy": 0.999}}
    changed = tmp_path / "plan.yaml"
    changed.write_text(yaml.safe_dump(plan), encoding="utf-8")
    with_plan = settings.model_copy(update={"plan": changed})
    said = judged(with_plan, job)
    assert said.startswith("blessed: the gate is switched off; it would have said: accuracy")
    promote(with_plan, job.name)
    assert pointers.of(FAMILY).run == job.candidate(FAMILY).run_name


def test_a_person_who_rejects_holds_what_was_blessed_and_stands_in_the_history(
    settings, job, pointers
):
    before = pointers.of(FAMILY).run
    judged(settings, job)
    promote(settings, job.name, Answer(approved=False, by="anne", comment="not before Christmas"))
    assert pointers.of(FAMILY).run == before
    decision = next(one for one in reversed(pointers.history()) if one.family == FAMILY)
    assert (decision.event, decision.by, decision.comment, decision.reason) == (
        *("held", "anne"),
        *("not before Christmas", "anne rejected it"),
    )


def test_a_person_who_approves_stands_in_the_history(settings, job, pointers):
    judged(settings, job)
    promote(settings, job.name, Answer(approved=True, by="anne", comment="go"))
    decision = next(one for one in reversed(pointers.history()) if one.family == FAMILY)
    assert (decision.event, decision.by, decision.comment) == ("promoted", "anne", "go")


def test_a_person_cannot_approve_what_the_gate_holds(settings, job, pointers):
    evaluate(settings, job.name)
    (job.candidate(FAMILY).folder / "encoder.json").rename(job.folder / "aside")
    gate(settings, job.name)
    (job.folder / "aside").rename(job.candidate(FAMILY).folder / "encoder.json")
    assert promote(settings, job.name, Answer(approved=True, by="anne"))[FAMILY].startswith("held")
    decision = next(one for one in reversed(pointers.history()) if one.family == FAMILY)
    assert (decision.event, decision.by) == ("held", "gate")


def test_what_began_to_serve_since_the_gate_judged_is_not_replaced_unseen(settings, job, pointers):
    judged(settings, job)
    copy = "20200101T000000.000000Z-svm"
    serving = pointers.of(FAMILY)
    shutil.copytree(settings.paths.runs / serving.run, settings.paths.runs / copy)
    pointers.promote(FAMILY, copy, datetime.now(UTC), by="anne")
    assert (
        "which the gate has not compared it with; clear gate"
        in (promote(settings, job.name)[FAMILY])
    )
    assert pointers.of(FAMILY).run == copy
    gate(settings, job.name)
    assert promote(settings, job.name)[FAMILY].startswith("promoted")


def test_a_champion_is_chosen_among_what_serves(settings, job, pointers):
    judged(settings, job)
    said = promote(settings, job.name)["champion"]
    assert pointers.champion().family == said.split(":")[0]
    assert {pointer.family for pointer in pointers.all()} == {"ann", "gbc", "svm"}


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ("", None),
        (
            {"chosen_options": ["Approve"], "responded_by_user": {"id": "1", "name": "anne"}}
            | {"params_input": {"comment": "go"}},
            Answer(approved=True, by="anne", comment="go"),
        ),
        (
            {"chosen_options": ["Reject"], "responded_by_user": {"id": "7", "name": None}},
            Answer(approved=False, by="7"),
        ),
        (
            {"chosen_options": ["Reject"], "responded_by_user": None, "params_input": {}},
            Answer(approved=False, by="nobody", comment="nobody answered in time"),
        ),
    ],
)
def test_what_airflow_hands_over_is_read(given, answer):
    assert answer_of(json.dumps(given) if given else "") == answer


def test_a_rehearsal_answers_as_the_candidate_does(settings, job):
    vectors = settings.paths.vectors / job.vectors_version
    answers, median_ms = rehearse(job.candidate(FAMILY).folder, vectors, ["parfait", "une honte"])
    assert answers[0] > answers[1]
    assert 0 < median_ms < 1000


def test_a_rehearsal_that_fails_says_why(settings, job, tmp_path):
    vectors = settings.paths.vectors / job.vectors_version
    with pytest.raises(RehearsalFailed, match="cannot be loaded"):
        rehearse(tmp_path, vectors, ["parfait"])


def test_the_verdict_stands_in_the_run_and_in_its_report(settings, job):
    judged(settings, job)
    promote(settings, job.name)
    with pytest.raises(NotFound, match="clear train_ann, train_gbc"):
        report(settings, job.name)
    name = job.candidate(FAMILY).run_name
    sealed = read_json(settings.paths.runs / name / "gate.json")
    assert (sealed["blessed"], len(sealed["checks"]) > 10) == (True, True)
    assert read_json(settings.paths.reports / f"{name}.json")["gate"] == sealed

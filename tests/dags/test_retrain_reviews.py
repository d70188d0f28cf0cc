import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.exceptions import AirflowException
from airflow.utils.db import initdb

from requires import missing
from satispy.models.catalog import family_names

ROOT = Path(__file__).resolve().parents[2]
DAGS = ROOT / "airflow" / "dags"


@pytest.fixture(scope="module")
def bag():
    initdb()
    return DagBag(DAGS)


@pytest.fixture(scope="module")
def dag(bag):
    return bag.dags["retrain_reviews"]


def steps(dag):
    """The tasks that run a step in the platform's environment."""
    return [task for task in dag.tasks if task.task_id not in ("ask", "approve")]


def test_every_dag_can_be_imported(bag):
    assert bag.import_errors == {}


def test_the_graph_is_the_sentence_of_its_runbook(dag):
    after = {task.task_id: task.downstream_task_ids for task in dag.tasks}
    families = {f"train_{family}" for family in family_names()}
    assert families
    assert after["snapshot"] == {"preprocess"}
    assert after["preprocess"] >= families
    assert all(after[family] == {"evaluate"} for family in families)
    assert after["evaluate"] == {"gate"}
    assert after["gate"] == {"ask"}
    assert after["ask"] == {"approve", "promote"}
    assert after["approve"] == {"promote"}
    assert after["promote"] == {"report"}
    assert after["report"] == set()


def test_a_run_is_retried_bounded_and_alone(dag):
    assert dag.max_active_runs == 1
    assert dag.dagrun_timeout is not None
    assert all(task.retries >= 1 and task.execution_timeout for task in steps(dag))


def test_a_family_with_a_card_trains_in_a_queue_of_its_own_and_all_else_in_the_usual(monkeypatch):
    monkeypatch.setenv("SATISPY_GPU_FAMILIES", "ann")
    dag = DagBag(DAGS).dags["retrain_reviews"]
    usual = dag.get_task("snapshot").queue
    assert usual != "gpu"
    assert {task.task_id for task in dag.tasks if task.queue != usual} == {"train_ann"}
    assert dag.get_task("train_ann").queue == "gpu"


def test_a_family_that_nobody_knows_is_no_reason_to_train_elsewhere(monkeypatch):
    monkeypatch.setenv("SATISPY_GPU_FAMILIES", "ann lstm")
    bag = DagBag(DAGS)
    (said,) = bag.import_errors.values()
    assert "expected SATISPY_GPU_FAMILIES to name some of ann, gbc, svm, but it names lstm" in said


def test_a_person_is_waited_for_three_days_and_silence_rejects(dag):
    approve = dag.get_task("approve")
    assert approve.response_timeout == timedelta(days=3)
    assert approve.defaults == ["Reject"]
    assert dag.dagrun_timeout > approve.response_timeout
    assert "comment" in approve.params


def test_one_family_that_fails_stops_neither_exam_nor_promotion_of_the_others(dag):
    rules = {task.task_id: task.trigger_rule.value for task in dag.tasks}
    assert rules["evaluate"] == "all_done_min_one_success"
    assert rules["promote"] == "none_failed_min_one_success"


@pytest.mark.parametrize(
    ("message", "action"),
    [
        ("Process returned non-zero exit status 1.\nrefused (not-found): no job", "fail"),
        ("Process returned non-zero exit status 1.\n[Errno 28] No space left", "default"),
        ("Command '['python']' died with <Signals.SIGKILL: 9>.", "default"),
    ],
)
def test_a_refusal_is_not_retried_and_anything_else_is(dag, message, action):
    for task in steps(dag):
        decision = task.retry_policy.evaluate(AirflowException(message), 1, 2)
        assert decision.action.value == action
        assert decision.reason == ("refused (not-found): no job" if action == "fail" else None)


def test_a_run_without_reviews_fails_at_its_first_try_and_says_why_last(dag, capsys):
    if not Path(dag.get_task("snapshot").python).is_file():
        missing("the platform's environment", "run make env")
    tasks = {one.task_id: one for one in dag.test().get_task_instances()}
    assert (tasks["snapshot"].state, tasks["snapshot"].try_number) == ("failed", 1)
    assert tasks["preprocess"].state == "upstream_failed"
    said = capsys.readouterr().out
    last = said[said.index("Retry policy decision") :]
    assert {tasks[name].state for name in ("evaluate", "gate", "promote", "report")} == {
        "upstream_failed"
    }
    assert "refused (training-impossible): expected reviews in" in last


def test_the_dag_explains_itself_and_asks_with_a_form(dag):
    assert all(task.task_id.split("_")[0] in dag.doc_md for task in dag.tasks)
    for name in ("renew_vectors", "ask_for_approval"):
        assert dag.params.get_param(name).schema["type"] == "boolean"


def test_parsing_the_dag_loads_nothing_heavy():
    code = (
        f"import sys; sys.path.insert(0, {str(DAGS)!r}); import retrain_reviews; "
        "heavy = {'tensorflow', 'keras', 'sklearn', 'pandas', 'numpy'}; "
        "sys.exit(', '.join(heavy & {name.split('.')[0] for name in sys.modules}) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=False
    )
    assert done.returncode == 0, done.stderr

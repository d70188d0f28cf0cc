import os
import subprocess
import sys
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.utils.db import initdb

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


def test_every_dag_can_be_imported(bag):
    assert bag.import_errors == {}


def test_the_graph_is_the_sentence_of_its_runbook(dag):
    after = {task.task_id: task.downstream_task_ids for task in dag.tasks}
    families = {f"train_{family}" for family in family_names()}
    assert families
    assert after["snapshot"] >= {"preprocess"}
    assert after["preprocess"] == families
    assert all(after[family] == {"evaluate"} for family in families)
    assert after["evaluate"] == {"publish"}
    assert after["publish"] == {"report"}
    assert after["report"] == set()


def test_a_run_is_retried_bounded_and_alone(dag):
    assert dag.max_active_runs == 1
    assert dag.dagrun_timeout is not None
    assert all(task.retries >= 1 and task.execution_timeout for task in dag.tasks)


def test_the_dag_explains_itself_and_asks_with_a_form(dag):
    assert all(task.task_id.split("_")[0] in dag.doc_md for task in dag.tasks)
    assert dag.params.get_param("renew_vectors").schema["type"] == "boolean"


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

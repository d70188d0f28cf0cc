"""The DAG `retrain_reviews`: wiring only; its steps stand in satispy.workflows.retraining."""

import os
from datetime import timedelta
from pathlib import Path

import pendulum
from airflow.sdk import Param, RetryDecision, RetryPolicy, dag, task

from satispy.models.catalog import family_names
from satispy.workflows.refusals import refusal_in

RUNBOOK = """
### Retrain the sentiment models on the reviews uploaded so far

`snapshot → preprocess → train (one task per family) → evaluate → publish → report`

| step | does |
| --- | --- |
| snapshot | fixes the dataset version: a prefix of `clean_data/data_MAJ.csv` |
| preprocess | words, labels, exam side; wikipedia2vec vectors, reused while they know the words |
| train_… | trains a family on the training side, writes it as ONNX |
| evaluate | lets each candidate sit the exam (texts that no training ever sees) |
| publish | seals `clean_model/runs/<stamp>-<family>/`, then moves the family's pointer |
| report | writes `clean_data/reports/`: one JSON per run, one CSV per family |

**Trigger it** with the button above, after an upload. A running API takes the new models by itself.

**When it fails**: the last lines of the red task's log say what was expected, what came and what to
do. A step that refuses is not retried; what may pass by itself is, once. Clear the task to try it
again: each step starts over or finds its result written. Nothing is served before it was evaluated,
what served before goes on serving, and clearing an old run never puts an older model back.
"""
REPOSITORY = Path(__file__).resolve().parents[2]
PYTHON = os.environ.get("SATISPY_PYTHON", str(REPOSITORY / ".venv/bin/python"))


class UnlessRefused(RetryPolicy):
    """Tries again what may go well then; a step that refuses fails at once, and says why last."""

    def evaluate(self, exception, try_number, max_tries, context=None):
        """Look for a refusal in what the step said."""
        refusal = refusal_in(str(exception))
        return RetryDecision.fail(refusal) if refusal else RetryDecision.default()


IN_PLATFORM = {
    "python": PYTHON,
    "expect_airflow": False,
    "retries": 1,
    "retry_policy": UnlessRefused(),
    "retry_delay": timedelta(seconds=10),
    "execution_timeout": timedelta(hours=2),
}
"""How a step runs: in the other environment, for Airflow's holds no TensorFlow."""


@task.external_python(**IN_PLATFORM)
def snapshot(dag_run: str) -> str:
    from satispy.workflows.retraining import snapshot as step
    from satispy.workflows.tasks import run_step

    return run_step(step.snapshot, dag_run)


@task.external_python(**IN_PLATFORM)
def preprocess(job: str, renew_vectors: str) -> str:
    from satispy.workflows.retraining import preprocess as step
    from satispy.workflows.tasks import run_step

    run_step(step.preprocess, job, renew_vectors=renew_vectors == "True")
    return job


@task.external_python(**IN_PLATFORM)
def train(job: str, family: str) -> str:
    from satispy.workflows.retraining import train as step
    from satispy.workflows.tasks import run_step

    run_step(step.train, job, family)
    return job


@task.external_python(**IN_PLATFORM)
def evaluate(job: str) -> str:
    from satispy.workflows.retraining import evaluate as step
    from satispy.workflows.tasks import run_step

    run_step(step.evaluate, job)
    return job


@task.external_python(**IN_PLATFORM)
def publish(job: str) -> str:
    from satispy.workflows.retraining import publish as step
    from satispy.workflows.tasks import run_step

    run_step(step.publish, job)
    return job


@task.external_python(**IN_PLATFORM)
def report(job: str) -> None:
    from satispy.workflows.retraining import report as step
    from satispy.workflows.tasks import run_step

    run_step(step.report, job)


@dag(
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=6),
    doc_md=RUNBOOK,
    tags=["satispy"],
    description="Retrain every family of models on the reviews uploaded so far.",
    default_args={"owner": "satispy"},
    params={
        "renew_vectors": Param(
            False,
            type="boolean",
            title="Renew the word vectors",
            description="Learn new wikipedia2vec vectors from the reviews of the training side, "
            "even where those in use know nearly all words.",
        )
    },
)
def retrain_reviews():
    job = preprocess(snapshot("{{ run_id }}"), "{{ params.renew_vectors }}")
    trained = [train.override(task_id=f"train_{family}")(job, family) for family in family_names()]
    evaluated = evaluate(trained[0])  # every step hands on the same job; all must be trained
    trained >> evaluated
    report(publish(evaluated))


retrain_reviews()

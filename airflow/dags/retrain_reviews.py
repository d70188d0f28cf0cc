"""The DAG `retrain_reviews`: wiring only; its steps stand in satispy.workflows.retraining."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pendulum
from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param, RetryDecision, RetryPolicy, dag, task

from satispy.models.catalog import family_names
from satispy.workflows.refusals import refusal_in

RUNBOOK = """
### Retrain the sentiment models on the reviews uploaded so far

`snapshot → preprocess → train (one task per family) → evaluate → gate → promote or hold → report`

| step | does |
| --- | --- |
| snapshot | fixes the dataset version: a prefix of `clean_data/data_MAJ.csv` |
| preprocess | words, labels, exam side; wikipedia2vec vectors, reused while they know the words |
| train_… | trains a family on the training side, writes it as ONNX |
| evaluate | lets each candidate sit the exam (texts that no training ever sees) |
| gate | blesses a candidate or holds it: `docs/promotion.md`; its answer, and why: *XCom* |
| approve | only where the run asks for approval: waits for a person (*Required actions*) |
| promote | seals `clean_model/runs/<stamp>-<family>/`; a blessed run serves, others are held; \
chooses the champion; writes the history: *XCom* |
| report | writes `clean_data/reports/`: one JSON per run, one CSV per family; indexes the reviews \
for `POST /neighbours` |

**Trigger it** with the button above, after an upload. A running API takes the new models by itself.

**When it fails**: the last lines of the red task's log say what was expected, what came and what to
do. A step that refuses is not retried; what may pass by itself is, once. Clear the task to try it
again: each step starts over or finds its result written. A family that fails does not stop the
others, and turns `report` red in the end. Nothing serves that the gate did not bless, what served
before goes on serving, and clearing an old run never puts an older model back.
**When a bad model went live**: `docs/runbooks/bad-model-live.md`.
"""
REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE = timedelta(days=3)
"""How long a request for approval waits; then it counts as rejected."""
PYTHON = os.environ.get("SATISPY_PYTHON", str(REPOSITORY / ".venv/bin/python"))
GPU_FAMILIES = set(os.environ.get("SATISPY_GPU_FAMILIES", "").split())
"""Families whose trainings go to the queue `gpu`; the DAG processor's, for workers have no say."""


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
    "env_vars": {
        # Families train at once, and a thread that waits for work keeps its core for a while.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        # glibc keeps so many bytes; else it asks the system for each array, page by page.
        "MALLOC_TOP_PAD_": str(64 * 2**20),
    },
}
"""How a step runs: in the other environment, for Airflow's holds no TensorFlow."""


def place_of(family):
    """Return the queue that a family trains in, where it is not that of all other tasks."""
    return {"queue": "gpu"} if family in GPU_FAMILIES else {}


def answer_to(ti):
    """Return what a person answered to `approve`, as JSON; empty where nobody was asked."""
    answer = ti.xcom_pull(task_ids="approve")
    if answer is None:
        return ""
    known = ("chosen_options", "params_input", "responded_by_user")
    return json.dumps({name: answer.get(name) for name in known}, default=str)


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

    run_step(step.train_beside_others, job, family)
    return job


@task.external_python(**IN_PLATFORM, trigger_rule="all_done_min_one_success")
def evaluate(job: str) -> str:
    from satispy.workflows.retraining import evaluate as step
    from satispy.workflows.tasks import run_step

    run_step(step.evaluate, job)
    return job


@task.external_python(**IN_PLATFORM)
def gate(job: str) -> dict[str, str]:
    from satispy.workflows.retraining import gate as step
    from satispy.workflows.tasks import run_step

    return run_step(step.gate, job)


@task.branch
def ask(decided: dict[str, str], params: dict | None = None) -> str:
    """Ask a person where the run says so, and something may serve."""
    blessed = any(said.startswith("blessed") for said in decided.values())
    return "approve" if params["ask_for_approval"] and blessed else "promote"


@task.external_python(**IN_PLATFORM, trigger_rule="none_failed_min_one_success")
def promote(job: str, answered: str) -> dict[str, str]:
    from satispy.workflows.retraining import promote as step
    from satispy.workflows.tasks import run_step

    return run_step(step.promote, job, step.answer_of(answered))


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
    dagrun_timeout=PATIENCE + timedelta(hours=6),
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
        ),
        "ask_for_approval": Param(
            False,
            type="boolean",
            title="Ask for approval",
            description="Nothing serves before a person has approved it, with a comment, under "
            "Required actions. The gate comes first: what it holds is not asked about.",
        ),
    },
    user_defined_macros={"answer_to": answer_to},
)
def retrain_reviews():
    job = preprocess(snapshot("{{ run_id }}"), "{{ params.renew_vectors }}")
    families = family_names()
    if unknown := GPU_FAMILIES - set(families):
        raise ValueError(
            f"expected SATISPY_GPU_FAMILIES to name some of {', '.join(families)}, but it names "
            f"{', '.join(sorted(unknown))}"
        )
    trained = [
        train.override(task_id=f"train_{family}", **place_of(family))(job, family)
        for family in families
    ]
    evaluated = evaluate(job)
    trained >> evaluated
    decided = gate(job)
    evaluated >> decided
    approve = HITLOperator(
        task_id="approve",
        subject="May these models serve?",
        body="{{ ti.xcom_pull(task_ids='gate') | tojson(indent=1) }}",
        options=["Approve", "Reject"],
        defaults="Reject",
        params={"comment": Param("", type="string", title="Comment, kept in the history")},
        response_timeout=PATIENCE,
        # Where Airflow loses an answer (other executors than ours may, where it comes within the
        # second), it asks again.
        retries=2,
        retry_delay=timedelta(seconds=1),
    )
    promoted = promote(job, "{{ answer_to(ti) }}")
    ask(decided) >> [approve, promoted]
    approve >> promoted
    promoted >> report(job)


retrain_reviews()

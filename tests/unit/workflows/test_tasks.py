import json
import logging
import os
import subprocess
import sys

import pytest
from structlog.contextvars import clear_contextvars

from satispy.core.errors import Busy, TrainingImpossible
from satispy.workflows.refusals import StepRefused, refusal_in
from satispy.workflows.tasks import run_step

SCRIPT = """
from satispy.core.errors import TrainingImpossible
from satispy.workflows.tasks import run_step

def step(settings):
    raise {error}

run_step(step)
"""

TALKING = """
import logging, time
from satispy.workflows.tasks import run_step

def step(settings):
    for _ in range(150):
        logging.getLogger("satispy.step").info("on")
        time.sleep(0.1)

run_step(step)
"""


@pytest.fixture(autouse=True)
def own_process(monkeypatch):
    """What run_step sets in its process is set back."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    ours = logging.getLogger("satispy")
    monkeypatch.setattr(ours, "level", ours.level)
    yield
    clear_contextvars()


def output_of(error):
    return subprocess.run(
        [sys.executable, "-c", SCRIPT.format(error=error)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env=os.environ,
    )


def refuse(_settings):
    raise TrainingImpossible("expected reviews, but there are none")


def test_a_refusal_crosses_with_its_code_and_sentence():
    with pytest.raises(StepRefused) as caught:
        run_step(refuse)
    sentence = "refused (training-impossible): expected reviews, but there are none"
    assert refusal_in(f"Process returned non-zero exit status 1.\n{caught.value}") == sentence


def test_an_unknown_setting_is_refused_too(monkeypatch):
    monkeypatch.setenv("SATISPY_HOMME", "x")
    with pytest.raises(StepRefused, match=r"refused \(configuration\): unknown setting"):
        run_step(lambda settings: settings)


@pytest.mark.parametrize("error", [Busy("somebody writes"), OSError("disk full")])
def test_what_a_retry_may_mend_is_no_refusal(error):
    def fail(_settings):
        raise error

    with pytest.raises(type(error)) as caught:
        run_step(fail)
    assert refusal_in(f"Process returned non-zero exit status 1.\n{caught.value}") is None


def test_the_last_line_of_the_log_is_the_refusal_and_no_traceback_hides_it():
    done = output_of("TrainingImpossible('expected more')")
    assert done.returncode == 1
    line = "satispy.workflows.tasks: refused (training-impossible): expected more"
    told, last = done.stdout.splitlines()
    assert last == line
    assert json.loads(told)["error"] == "refused (training-impossible): expected more"


def test_a_defect_shows_its_traceback():
    done = output_of("ZeroDivisionError('ours')")
    assert done.returncode == 1
    assert "Traceback" in done.stdout
    assert done.stdout.splitlines()[-1] == "ZeroDivisionError: ours"


def test_neither_a_refusal_nor_a_traceback_tells_a_secret(monkeypatch):
    monkeypatch.setenv("SATISPY_DATABASE_URL", "postgresql://ada:hunter2hunter2@nowhere/x")
    for error in ("TrainingImpossible('no: hunter2hunter2')", "OSError('no: hunter2hunter2')"):
        done = output_of(error)
        assert done.stdout.splitlines()[-1].endswith("no: ***")
        assert "hunter2" not in done.stdout


def test_each_line_of_a_task_names_its_dag_run(monkeypatch):
    monkeypatch.setenv("AIRFLOW_CTX_DAG_RUN_ID", "manual__1")
    monkeypatch.setenv("AIRFLOW_CTX_TASK_ID", "train_svm")
    told = json.loads(output_of("OSError('disk full')").stdout.splitlines()[0])
    assert (told["request_id"], told["task"], told["level"]) == ("manual__1", "train_svm", "error")
    assert told["logger"] == "satispy.workflows.tasks"


def test_on_wish_a_task_speaks_as_on_a_terminal(monkeypatch):
    monkeypatch.setenv("SATISPY_LOG_FORMAT", "console")
    told = output_of("TrainingImpossible('expected more')").stdout.splitlines()[0]
    assert "error   satispy.workflows.tasks: the step was refused" in told


def test_a_step_whose_output_nobody_reads_ends():
    """Airflow's task closes the pipe when its time is over, and then waits for the step."""
    step = subprocess.Popen(
        [sys.executable, "-c", TALKING],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ,
    )
    with step:
        assert json.loads(step.stdout.readline())["event"] == "on"
        step.stdout.close()
        assert step.wait(timeout=60) == 1

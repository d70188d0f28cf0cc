import logging
import os
import subprocess
import sys

import pytest

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
    assert done.stdout.splitlines() == [line]


def test_a_defect_shows_its_traceback():
    done = output_of("ZeroDivisionError('ours')")
    assert done.returncode == 1
    assert "Traceback" in done.stdout
    assert done.stdout.splitlines()[-1] == "ZeroDivisionError: ours"


def test_a_step_whose_output_nobody_reads_ends():
    """Airflow's task closes the pipe when its time is over, and then waits for the step."""
    step = subprocess.Popen(
        [sys.executable, "-c", TALKING],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ,
    )
    with step:
        assert step.stdout.readline() == b"satispy.step: on\n"
        step.stdout.close()
        assert step.wait(timeout=10) == 1

"""The process that Airflow's listener starts: `python -m satispy.workflows.run_ended`."""

import os
import subprocess
import sys
from contextlib import closing

import pytest

from fake_airflow import PASSWORD, fake_airflow
from listeners import collecting
from satispy.core.database import Database
from satispy.core.settings import Settings
from satispy.workflows.alerts import list_alerts
from satispy.workflows.run_ended import tell_end


def known():
    with closing(Database(Settings().database_place)) as database:
        return list_alerts(database)


def run(*words, **more):
    return subprocess.run(
        [sys.executable, "-m", "satispy.workflows.run_ended", *words],
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_failed_run_becomes_an_alert_that_names_its_tasks_and_the_webhook_hears_of_it(clock):
    with fake_airflow() as airflow, collecting() as server:
        settings = Settings(airflow_url=airflow.url, webhook_url=server.url)
        settings.paths.secrets.mkdir(parents=True)
        settings.paths.airflow_password.write_text(PASSWORD)
        airflow.add_run("a+b", "failed")
        airflow.add_task("a+b", "train_svm", "failed")
        airflow.add_task("a+b", "report", "upstream_failed")
        tell_end(settings, "a+b", failed=True, clock=clock)
        ((alert,), still_open) = known()
        tell_end(settings, "later", failed=False, clock=clock)
    assert (alert.kind, alert.run, still_open) == ("retraining-failed", "a+b", 1)
    assert alert.detail == (
        "the retraining a+b failed in train_svm; its log says why: "
        f"{airflow.url}/dags/retrain_reviews/runs/a%2Bb"
    )
    assert [body["event"] for body in server.told] == ["opened", "ended"]
    assert known()[1] == 0


def test_the_alert_does_not_hang_on_whether_airflow_answers(clock):
    with fake_airflow() as airflow:
        airflow.broken = 500, {}
        settings = Settings(airflow_url=airflow.url)
        tell_end(settings, "r", failed=True, clock=clock)
    ((alert,), _) = known()
    assert alert.detail.startswith("the retraining r failed; its log says why: ")


def test_as_a_command_it_keeps_the_alert_and_ends_it():
    assert run("failed", "r").returncode == 0
    assert known()[1] == 1
    assert run("success", "s").returncode == 0
    assert known()[1] == 0


@pytest.mark.parametrize("words", [(), ("failed",), ("running", "r"), ("failed", "r", "s")])
def test_wrong_words_are_refused(words):
    done = run(*words)
    assert (done.returncode, known()[1]) == (2, 0)
    assert "expected: failed|success" in done.stderr


def test_a_home_that_takes_nothing_is_told_of_in_the_log_and_nothing_hangs():
    done = run("failed", "r", SATISPY_DATABASE_URL="postgresql://me:hush@127.0.0.1:9/none")
    assert done.returncode == 1
    assert "no alert was kept of how r ended" in done.stderr
    assert "hush" not in done.stderr

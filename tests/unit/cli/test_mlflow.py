import shutil

import pytest
from typer.testing import CliRunner

from satispy.cli import app
from satispy.core.settings import load_settings
from satispy.stack.ports import free_port
from several_runs import OLD, copy_run


@pytest.fixture(autouse=True)
def settings(trained_home):
    settings = load_settings()
    shutil.copytree(trained_home, settings.paths.home, dirs_exist_ok=True)
    return settings


@pytest.fixture
def away(monkeypatch):
    monkeypatch.setenv("SATISPY_MLFLOW_URI", f"http://anne:hush@127.0.0.1:{free_port()}")


def run(*arguments, code=0):
    done = CliRunner().invoke(app, list(arguments))
    assert "Traceback" not in done.output
    assert "hush" not in done.output
    assert done.exit_code == code, done.output
    return done.stdout + done.stderr


def test_without_a_server_it_says_what_to_set():
    assert "SATISPY_MLFLOW_URI" in run("mlflow", "sync", code=2)


def test_an_address_that_is_none_is_a_wrong_setting(monkeypatch):
    monkeypatch.setenv("SATISPY_MLFLOW_URI", "anne:hush@host:5000")
    assert "but received 'host:5000'" in run("mlflow", "sync", code=2)


def test_a_server_that_is_away_is_one_line(away):
    said = run("mlflow", "sync", code=1)
    assert "Connection refused" in said
    assert said.count("\n") == 1


def test_a_promotion_is_done_and_a_server_that_is_away_only_warned_of(away, settings):
    copy_run(settings, OLD)
    said = run("models", "promote", OLD)
    assert f"promoted {OLD}" in said
    assert "warning MLflow is not in step" in said
    assert "rolled-back" in run("models", "rollback", "svm")

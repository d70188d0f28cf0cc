"""What happens where MLflow does not; with a server: tests/tracking."""

import logging
import shutil
import subprocess
import time

import pytest

from listeners import collecting, never_answering
from satispy.core.errors import ArtifactDamaged, ConfigurationError, NotReady
from satispy.core.settings import load_settings
from satispy.stack.ports import free_port
from satispy.tracking.marker import Marker
from satispy.workflows import tracking
from satispy.workflows.retraining.jobs import Job
from satispy.workflows.retraining.report import report


@pytest.fixture
def home(trained_home, own_settings):
    shutil.copytree(trained_home, own_settings)
    return own_settings


@pytest.fixture
def set_server(home, monkeypatch):
    """Name a server in the environment; return the settings."""

    def name(uri):
        monkeypatch.setenv("SATISPY_MLFLOW_URI", uri)
        return load_settings()

    return name


@pytest.fixture
def no_process(monkeypatch):
    """Let the test fail that starts a process."""

    def refuse(*_arguments, **_options):
        raise AssertionError("no process was to be started")

    monkeypatch.setattr(subprocess, "run", refuse)


def test_without_a_server_nothing_is_done_and_a_catch_up_says_what_to_set(home, no_process):
    settings = load_settings()
    assert tracking.follow(settings)
    tracking.follow_in_background(settings)
    with pytest.raises(ConfigurationError, match=r"SATISPY_MLFLOW_URI.*make up MLFLOW=1"):
        tracking.catch_up(settings)


def test_what_the_marker_covers_costs_no_process(set_server, no_process):
    settings = set_server("http://127.0.0.1:1")
    size = (settings.paths.serving / "history.jsonl").stat().st_size
    names = [path.name for path in settings.paths.runs.iterdir()]
    server = tracking.Address.parse("http://127.0.0.1:1", "X").mark
    Marker(server, "1", size, names).write(settings.paths.tracking)
    assert tracking.follow(settings)
    assert tracking.catch_up(settings).new_runs == 0


@pytest.mark.parametrize("content", ["", "[]", '{"runs": 1, "more": 2}', "{}"])
def test_a_marker_that_makes_no_sense_covers_nothing(tmp_path, content):
    path = tmp_path / "tracking.json"
    path.write_text(content)
    assert not Marker.read(path).covers("x", 0, [])


def test_a_server_that_is_away_is_named_in_one_warning_and_the_retraining_goes_on(
    set_server, caplog
):
    settings = set_server(f"http://anne:hush@127.0.0.1:{free_port()}")
    job = Job(max(settings.paths.jobs.iterdir()))
    report(settings, job.name)
    (warning,) = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert "Connection refused" in warning.getMessage()
    assert "the next retraining, or `satispy mlflow sync`, catches up" in warning.getMessage()
    assert "hush" not in caplog.text
    assert not settings.paths.tracking.exists()


def test_a_server_that_never_answers_holds_a_retraining_up_no_longer_than_allowed(
    set_server, caplog
):
    with never_answering() as url:
        settings = set_server(url)
        began = time.monotonic()
        assert not tracking.follow(settings, limit=3)
        assert time.monotonic() - began < 30
    assert "did not take all within 3 s" in caplog.text


def test_an_address_that_is_none_is_told_without_its_password(set_server, no_process, caplog):
    settings = set_server("anne:hush@host")
    assert not tracking.follow(settings)
    assert "expected an address such as" in caplog.text
    assert "hush" not in caplog.text


def test_a_server_that_is_no_mlflow_is_told_of_and_gets_name_and_password(set_server):
    with collecting(404) as server:
        settings = set_server(server.url.replace("//", "//anne:hush@"))
        said = []
        assert not tracking.follow(settings, say=said.append)
    assert "404" in said[0]
    assert "hush" not in said[0]
    assert server.requests[0][1]["Authorization"].startswith("Basic ")


def test_a_history_that_was_changed_is_not_told(set_server):
    settings = set_server("http://127.0.0.1:1")
    path = settings.paths.serving / "history.jsonl"
    path.write_bytes(path.read_bytes().replace(b"gate", b"anne", 1))
    with pytest.raises(ArtifactDamaged, match="line 2"):
        tracking.catch_up(settings)


def test_what_the_other_process_refuses_is_a_warning_too(set_server, monkeypatch):
    settings = set_server("http://anne:hush@127.0.0.1:1")
    monkeypatch.setenv("SATISPY_NONSENSE", "1")
    said = []
    assert not tracking.follow(settings, say=said.append)
    assert "unknown setting SATISPY_NONSENSE" in said[0]


def test_a_catch_up_by_hand_fails_where_the_server_is_away(set_server):
    with pytest.raises(NotReady, match="Connection refused"):
        tracking.catch_up(set_server(f"http://127.0.0.1:{free_port()}"))

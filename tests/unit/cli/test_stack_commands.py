import socket
import subprocess
import sys

import pytest
from rich.console import Console
from typer.testing import CliRunner

from satispy.cli import app, stack
from satispy.stack import session
from satispy.stack.control import ComponentReport, StackReport
from satispy.stack.ports import free_port
from satispy.stack.state import StackState

run = CliRunner()


@pytest.fixture(autouse=True)
def free_ports(own_settings, monkeypatch):
    """Whatever runs on this machine, its ports are not in the way."""
    for name in ("API", "UI", "AIRFLOW", "MLFLOW"):
        monkeypatch.setenv(f"SATISPY_{name}_PORT", str(free_port()))


def invoke(*arguments):
    return run.invoke(app, list(arguments))


@pytest.mark.parametrize("command", ["up", "down", "status", "api", "demo"])
def test_an_unknown_setting_is_one_line_and_exit_2(command, monkeypatch):
    monkeypatch.setenv("SATISPY_PORT", "8000")
    result = invoke(command)
    assert result.exit_code == 2
    assert result.stderr.startswith("error unknown setting SATISPY_PORT; known are ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["up", "api", "demo"])
def test_a_taken_port_is_named_before_an_account_is_made(command, monkeypatch, own_settings):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("SATISPY_API_PORT", str(port))
        result = invoke(command)
    assert result.exit_code == 1
    assert f"port {port} (SATISPY_API_PORT) is taken by" in result.stderr
    assert not own_settings.exists()


def test_a_taken_port_of_mlflow_is_named_where_mlflow_is_asked_for(monkeypatch, own_settings):
    monkeypatch.setattr(session, "require_mlflow_program", lambda: None)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("SATISPY_MLFLOW_PORT", str(port))
        result = invoke("up", "--mlflow")
    assert result.exit_code == 1
    assert f"port {port} (SATISPY_MLFLOW_PORT) is taken by" in result.stderr
    assert not own_settings.exists()


@pytest.mark.parametrize("name", ["SATISPY_MLFLOW_URI", "SATISPY_OPENLINEAGE_URL"])
def test_an_address_that_is_none_is_refused_before_anything_starts(name, monkeypatch, own_settings):
    monkeypatch.setenv(name, "anne:hush@host")
    result = invoke("up")
    assert result.exit_code == 2
    assert f"in {name}" in result.stderr
    assert "hush" not in result.stderr
    assert not own_settings.exists()


@pytest.mark.parametrize("command", ["up", "demo"])
def test_two_equal_ports_are_refused_with_a_remedy_that_fits(command, monkeypatch):
    port = str(free_port())
    monkeypatch.setenv("SATISPY_API_PORT", port)
    monkeypatch.setenv("SATISPY_UI_PORT", port)
    result = invoke(command)
    assert result.exit_code == 1
    assert "Give each variable a port of its own." in result.stderr
    assert "Stop what listens" not in result.stderr


@pytest.mark.parametrize("command", ["up", "demo"])
def test_vectors_that_are_not_there_are_refused_before_anything_is_written(
    command, monkeypatch, tmp_path, own_settings
):
    monkeypatch.setenv("SATISPY_VECTORS", str(tmp_path / "frwiki.txt"))
    result = invoke(command)
    assert result.exit_code == 2
    assert f"there is no {tmp_path / 'frwiki.txt'}" in result.stderr
    assert not own_settings.exists()


@pytest.mark.parametrize("command", ["up", "api", "demo"])
def test_a_home_that_cannot_be_made_is_one_line_with_its_path(command, monkeypatch, tmp_path):
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("SATISPY_HOME", str(file / "home"))
    result = invoke(command)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"error {file}")
    assert "Not a directory. SATISPY_HOME must name a folder" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_demo_of_a_folder_without_a_base_starts_nothing(tmp_path, own_settings):
    result = invoke("demo", "--reviews", str(tmp_path))
    assert result.exit_code == 1
    assert "expected data_MAJ.csv in" in result.stderr
    assert not own_settings.exists()


def test_the_demo_leaves_the_users_own_data_alone(own_settings):
    base = own_settings / "clean_data" / "data_MAJ.csv"
    base.parent.mkdir(parents=True)
    base.write_text("mine")
    result = invoke("demo", "--once")
    assert result.exit_code == 1
    assert "holds something that no demo wrote" in result.stderr
    assert base.read_text() == "mine"


def test_status_of_nothing_exits_3_and_writes_nothing(own_settings):
    result = invoke("status")
    assert result.exit_code == 3
    assert result.stdout.startswith("nothing runs in")
    assert not own_settings.exists()


def test_status_after_the_supervisor_was_killed_counts_what_lives_on(own_settings):
    own_settings.mkdir()
    left = subprocess.Popen(
        [sys.executable, "-c", "input()"],
        stdin=subprocess.PIPE,
        env={"SATISPY_STACK": str(own_settings)},
    )
    try:
        result = invoke("status")
    finally:
        left.communicate(b"\n")
    assert result.exit_code == 3
    assert result.stdout == (
        "the supervisor is gone, but 1 of its processes still run; "
        "`make up` starts anew, `make down` ends them\n"
    )


@pytest.mark.parametrize("width", [50, 160])
def test_addresses_are_never_cut(width, monkeypatch, capsys):
    monkeypatch.setattr(stack, "console", Console(width=width))
    address = "http://a-rather-long-name.of.this.machine:18080"
    state = StackState(pid=1, phase="ready", started="2026-11-21T08:00:00Z")
    part = ComponentReport("airflow-api-server", 2, alive=True, pss_mib=1.0, address=address)
    stack.show_report(StackReport(state, [part], 2.0))
    assert address in capsys.readouterr().out


def test_down_of_nothing_says_so(own_settings):
    result = invoke("down")
    assert result.exit_code == 0
    assert result.stdout.startswith("nothing runs in")

import socket

import pytest
from typer.testing import CliRunner

from satispy.cli import app
from satispy.stack.ports import free_port

run = CliRunner()


@pytest.fixture(autouse=True)
def free_ports(own_settings, monkeypatch):
    """Whatever runs on this machine, its ports are not in the way."""
    for name in ("API", "UI", "AIRFLOW"):
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


def test_down_of_nothing_says_so(own_settings):
    result = invoke("down")
    assert result.exit_code == 0
    assert result.stdout.startswith("nothing runs in")

import os

import pytest
from pydantic import SecretStr

from satispy.core.errors import StackError
from satispy.core.settings import Settings
from satispy.stack import mlflow
from satispy.stack.components import components, ports
from satispy.stack.state import StackState, only_one, write_state


@pytest.fixture
def settings(own_settings):
    return Settings(host="0.0.0.0", mlflow_port=15000)  # noqa: S104  nothing listens here


def component(settings, caller=os.environ):
    (found,) = [one for one in components(settings, caller, mlflow=True) if one.name == "mlflow"]
    return found


def test_mlflow_is_part_of_the_stack_only_where_it_is_asked_for(settings):
    assert "mlflow" not in [one.name for one in components(settings)]
    assert [port.setting for port in ports(settings, mlflow=True)][3:] == ["SATISPY_MLFLOW_PORT"]
    assert len(ports(settings)) == 3


def test_it_listens_on_the_loopback_address_alone_whatever_the_others_do(settings):
    command = component(settings).command
    assert command[command.index("--host") + 1] == "127.0.0.1"
    assert command[command.index("--allowed-hosts") + 1] == "localhost:15000,127.0.0.1:15000"
    assert not {"--disable-security-middleware", "--cors-allowed-origins"} & set(command)
    assert component(settings).port.host == "127.0.0.1"


def test_its_database_and_files_lie_in_the_home_and_it_sends_nothing_home(settings):
    found = component(settings, {"MLFLOW_TRACKING_URI": "http://elsewhere", "PATH": "/bin"})
    folder = settings.paths.run / "mlflow"
    assert f"sqlite:///{folder / 'mlflow.db'}" in found.command
    assert str(folder / "artifacts") in found.command
    assert found.environment["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert "MLFLOW_TRACKING_URI" not in found.environment


def test_the_other_components_tell_it_of_their_runs_unless_another_is_set(settings):
    def told(chosen):
        return {
            one.environment["SATISPY_MLFLOW_URI"] for one in components(chosen, {}, mlflow=True)
        }

    assert told(settings) == {"http://127.0.0.1:15000"}
    other = settings.model_copy(update={"mlflow_uri": SecretStr("http://team:5000")})
    assert told(other) == {"http://team:5000"}


def test_a_command_beside_the_stack_finds_the_one_that_runs(settings):
    assert mlflow.with_running_mlflow(settings).mlflow_uri is None
    with only_one(settings.paths):
        state = StackState(os.getpid(), "ready", "2026-11-21T08:00:00Z")
        write_state(settings.paths, state)
        assert mlflow.with_running_mlflow(settings).mlflow_uri is None
        state.addresses["mlflow"] = "http://127.0.0.1:15000"
        write_state(settings.paths, state)
        found = mlflow.with_running_mlflow(settings).mlflow_uri
    assert found.get_secret_value() == "http://127.0.0.1:15000"


def test_an_environment_that_is_not_built_is_named_with_the_remedy(monkeypatch, tmp_path):
    monkeypatch.setattr(mlflow, "repository", lambda: tmp_path)
    with pytest.raises(StackError, match=r"make up MLFLOW=1.*bootstrap\.py mlflow"):
        mlflow.require_mlflow_program()

"""The local MLflow server of `make up MLFLOW=1`: one more component, in an environment of its own.

It asks nobody for a password, so it listens on the loopback address alone, whatever the other
components do, and answers only to its own name: a web page that an administrator visits must not
reach it by giving a name of its own the address 127.0.0.1.
"""

from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from satispy.core.errors import StackError
from satispy.core.settings import PREFIX, Settings, repository
from satispy.stack.component import Component, Port, Probe
from satispy.stack.state import running

NAME = "mlflow"
LOOPBACK = "127.0.0.1"


def mlflow_url(settings: Settings) -> str:
    """Return the address of the local server, without a slash at its end."""
    return f"http://{LOOPBACK}:{settings.mlflow_port}"


def mlflow_port(settings: Settings) -> Port:
    """Return the port that it listens on."""
    return Port(settings.mlflow_port, f"{PREFIX}MLFLOW_PORT", LOOPBACK)


def with_local_mlflow(settings: Settings) -> Settings:
    """Return settings that name the local server, unless they name another."""
    if settings.mlflow_uri is not None:
        return settings
    return settings.model_copy(update={"mlflow_uri": SecretStr(mlflow_url(settings))})


def with_running_mlflow(settings: Settings) -> Settings:
    """Do so where this home's stack runs one; for commands beside the stack."""
    state = running(settings.paths)
    if settings.mlflow_uri is not None or state is None or NAME not in state.addresses:
        return settings
    return settings.model_copy(update={"mlflow_uri": SecretStr(state.addresses[NAME])})


def require_mlflow_program() -> None:
    """Refuse early where the environment is not built.

    Raises
    ------
    StackError
        With the remedy.
    """
    if not _program().exists():
        raise StackError(
            f"expected MLflow in {_program().parents[1]}, but it is not there; `make up MLFLOW=1` "
            "builds it, and so does `python3 tools/bootstrap.py mlflow`"
        )


def mlflow_component(settings: Settings, shared: Mapping[str, str]) -> Component:
    """Return the component.

    Parameters
    ----------
    settings
        Name the home and the port.
    shared
        Variables of all components.
    """
    folder = settings.paths.run / NAME
    folder.mkdir(parents=True, exist_ok=True)
    port = mlflow_port(settings)
    names = ",".join(f"{host}:{port.number}" for host in ("localhost", LOOPBACK))
    return Component(
        name=NAME,
        command=(
            *(str(_program()), "server", "--workers", "1"),
            *("--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}"),
            *("--artifacts-destination", str(folder / "artifacts")),
            *("--host", LOOPBACK, "--port", str(port.number)),
            *("--allowed-hosts", names),
        ),
        environment={
            **{name: value for name, value in shared.items() if not name.startswith("MLFLOW_")},
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "DO_NOT_TRACK": "true",
            # Runs prompts and scorers in processes of its own, which nothing here asks for.
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        },
        folder=folder,
        port=port,
        probes=(Probe(f"{mlflow_url(settings)}/health"),),
        address=mlflow_url(settings),
        stop_turn=5,
    )


def _program() -> Path:
    return repository() / ".venv-mlflow" / "bin" / "mlflow"

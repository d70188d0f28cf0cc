"""The five processes of the product, the preparation of Airflow's database, MLflow if asked."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from satispy.core.settings import PREFIX, Settings, repository
from satispy.stack.addresses import LOCAL, airflow_url, api_url, ui_url
from satispy.stack.airflow_environment import airflow_environment
from satispy.stack.component import Component, Port, Probe
from satispy.stack.mlflow import mlflow_component, mlflow_port, with_local_mlflow

DROPPED = (
    # A user's other Airflow, page or environment must not reach into this one.
    "AIRFLOW",
    "STREAMLIT",
    "VIRTUAL_ENV",
    "PYTHONHOME",
    "PYTHONPATH",
    # Without compiled bytecode each start is several times slower.
    "PYTHONDONTWRITEBYTECODE",
    PREFIX,
)
"""Beginnings of the variables that the stack's processes do not inherit."""

COUNTING = "PROMETHEUS_MULTIPROC_DIR"
"""Where prometheus-client lets several processes count together."""


def ports(settings: Settings, *, mlflow: bool = False) -> list[Port]:
    """Return the ports that the stack listens on, with or without a local MLflow."""
    return [
        Port(settings.api_port, f"{PREFIX}API_PORT"),
        Port(settings.ui_port, f"{PREFIX}UI_PORT"),
        Port(settings.airflow_port, f"{PREFIX}AIRFLOW_PORT"),
        *([mlflow_port(settings)] if mlflow else []),
    ]


def python() -> str:
    """Return the interpreter of the environment for everything but Airflow."""
    inside = repository() / ".venv" / "bin" / "python"
    return str(inside) if inside.exists() else sys.executable


def shared_environment(settings: Settings, caller: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that all components get: the caller's, cleaned, and the settings.

    The admin's password is not among them: it is used once, before anything starts.
    """
    kept = {name: value for name, value in caller.items() if not name.startswith(DROPPED)}
    bypass = ",".join(filter(None, (caller.get("NO_PROXY", caller.get("no_proxy")), LOCAL)))
    given: dict[str, object] = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value
        for name, value in settings
        if name != "admin_password"
    }
    given |= {
        **{
            name: place.expanduser().resolve()
            for name, place in given.items()
            if isinstance(place, Path)
        },
        "api_url": api_url(settings),
        "ui_url": ui_url(settings),
        "python": python(),
    }
    return {
        **kept,
        "NO_PROXY": bypass,
        "no_proxy": bypass,
        "PYTHONUNBUFFERED": "1",
        **{PREFIX + name.upper(): str(value) for name, value in given.items() if value is not None},
    }


MOST_CONNECTIONS = 500  # of the 1 024 files that a process may open by default


def api_command(settings: Settings) -> tuple[str, ...]:
    """Return the command that serves the API in the foreground."""
    api = repository() / "services" / "fastapi"
    cert, key = settings.tls_cert, settings.tls_key
    proxies = settings.trusted_proxies
    return (
        *(python(), "-m", "uvicorn", "reviews_api.app:create_app", "--factory"),
        *("--app-dir", str(api)),
        *("--host", settings.host, "--port", str(settings.api_port)),
        # One line per request is ours (reviews_api/observing.py): with its id, without the query.
        *("--no-access-log", "--log-config", str(api / "log_config.json")),
        *("--http", "reviews_api.wire:WaryHttp", "--ws", "none", "--no-server-header"),
        *("--limit-concurrency", str(MOST_CONNECTIONS)),
        # Uvicorn's default believes whoever asks from this machine.
        *(("--forwarded-allow-ips", proxies) if proxies else ("--no-proxy-headers",)),
        *(("--ssl-certfile", str(cert.expanduser().resolve())) if cert else ()),
        *(("--ssl-keyfile", str(key.expanduser().resolve())) if key else ()),
    )


def api_metrics(settings: Settings) -> Path:
    """Return where the API's processes count together; emptied before each start."""
    return settings.paths.run / "metrics"


def api_environment(settings: Settings, shared: Mapping[str, str]) -> dict[str, str]:
    """Return the API's variables: those of all components and, for several workers, where to count.

    A single worker counts in its memory: a mapped file costs more, and kills on a full disk.
    """
    workers = shared.get("WEB_CONCURRENCY", "1")
    alone = not workers.isdigit() or int(workers) < 2
    kept = {name: value for name, value in shared.items() if name != COUNTING}
    return kept if alone else {**kept, COUNTING: str(api_metrics(settings))}


def components(
    settings: Settings, caller: Mapping[str, str] = os.environ, *, mlflow: bool = False
) -> list[Component]:
    """Return what the stack consists of, in the order of starting.

    Parameters
    ----------
    settings
        Where the stack lives and listens.
    caller
        Variables to hand on.
    mlflow
        Whether a local MLflow server is among it, which the others then tell of their runs.
    """
    root = repository()
    shared = shared_environment(with_local_mlflow(settings) if mlflow else settings, caller)
    api_port, ui_port, airflow_port = ports(settings)
    health = f"{airflow_url(settings)}/api/v2/monitor/health"
    airflow = str(root / ".venv-airflow" / "bin" / "airflow")
    in_airflow = shared | airflow_environment(settings)
    return [
        Component(
            name="api",
            command=api_command(settings),
            environment=api_environment(settings, shared),
            folder=root,
            fresh=(api_metrics(settings),),
            port=api_port,
            probes=(Probe(f"{api_url(settings)}/health"),),
            address=api_url(settings),
            stop_turn=2,
        ),
        Component(
            name="ui",
            command=(
                *(python(), "-m", "streamlit", "run"),
                str(root / "services" / "streamlit" / "streamlit_app.py"),
                *("--server.address", settings.host, "--server.port", str(settings.ui_port)),
                *("--server.headless", "true", "--server.fileWatcherType", "none"),
                *("--browser.gatherUsageStats", "false"),
            ),
            environment=shared,
            folder=root / "services" / "streamlit",
            port=ui_port,
            probes=(Probe(f"{ui_url(settings)}/_stcore/health"),),
            address=ui_url(settings),
            stop_turn=1,
        ),
        Component(
            name="airflow-database",
            command=(airflow, "db", "migrate"),
            environment=in_airflow,
            folder=root,
            once=True,
        ),
        Component(
            name="airflow-api-server",
            command=(
                *(airflow, "api-server", "--host", settings.host),
                *("--port", str(settings.airflow_port)),
            ),
            environment=in_airflow,
            folder=root,
            port=airflow_port,
            probes=(
                Probe(health, "metadatabase.status", "healthy"),
                # Builds the application that tasks talk to; the first task would wait for it.
                Probe(f"{airflow_url(settings)}/execution/health"),
            ),
            address=airflow_url(settings),
            stop_turn=5,
        ),
        Component(
            name="airflow-scheduler",
            command=(airflow, "scheduler"),
            environment=in_airflow,
            folder=root,
            probes=(Probe(health, "scheduler.status", "healthy"),),
            stop_turn=4,
            # It waits for running tasks as long as they like; we do not.
            stop_seconds=5.0,
        ),
        Component(
            name="airflow-dag-processor",
            command=(airflow, "dag-processor"),
            environment=in_airflow,
            folder=root,
            probes=(Probe(health, "dag_processor.status", "healthy"),),
            stop_turn=3,
        ),
        *([mlflow_component(settings, shared)] if mlflow else []),
    ]

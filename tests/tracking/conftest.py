"""A real MLflow server, started once as `make up MLFLOW=1` starts it, and emptied for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from requires import missing
from satispy.core.settings import Settings, load_settings, repository
from satispy.stack.components import shared_environment
from satispy.stack.mlflow import mlflow_component
from satispy.stack.ports import free_port
from satispy.stack.processes import end, marked
from satispy.stack.supervisor import Supervisor
from satispy.tracking.facts import RUN

PYTHON = repository() / ".venv-mlflow" / "bin" / "python"


@pytest.fixture(scope="session")
def mlflow_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervisor]:
    """A supervisor with MLflow alone, ready."""
    if not PYTHON.exists():
        missing("MLflow", "python3 tools/bootstrap.py mlflow")
    home = tmp_path_factory.mktemp("mlflow")
    settings = Settings(home=home, mlflow_port=free_port())
    component = mlflow_component(settings, shared_environment(settings, {"PATH": "/usr/bin:/bin"}))
    supervisor = Supervisor(settings.paths, settings.host, [component])
    try:
        supervisor.start()
        yield supervisor
    finally:
        supervisor.stop()
        end(marked(home), 1.0)


class Mlflow:
    """What a person sees in MLflow."""

    def __init__(self, url: str) -> None:
        from mlflow import MlflowClient

        self.url = url
        self.client = MlflowClient(url, url)

    def runs(self) -> dict[str, Any]:
        """Every run by the name of ours; two of one name fail the test."""
        experiment = self.client.get_experiment_by_name("satispy")
        found = self.client.search_runs([experiment.experiment_id]) if experiment else []
        named = {run.data.tags[RUN]: run for run in found}
        assert len(named) == len(found)
        return named

    def versions(self, family: str) -> dict[str, Any]:
        """Every version of a family by our run; two of one run fail the test."""
        found = self.client.search_model_versions(f"name='satispy-{family}'")
        named = {version.tags[RUN]: version for version in found}
        assert len(named) == len(found)
        return named

    def bearers(self, alias: str) -> dict[str, str]:
        """Return family to our run, of all that bear an alias."""
        found = {}
        for model in self.client.search_registered_models():
            if number := model.aliases.get(alias):
                version = self.client.get_model_version(model.name, number)
                found[model.name.removeprefix("satispy-")] = version.tags[RUN]
        return found

    def artifacts(self, run: str) -> set[str]:
        """Return the files of a run's model."""
        found = self.client.list_artifacts(self.runs()[run].info.run_id, "model")
        return {Path(one.path).name for one in found}

    def empty(self) -> None:
        """Forget everything."""
        experiment = self.client.get_experiment_by_name("satispy")
        for run in self.client.search_runs([experiment.experiment_id]) if experiment else []:
            self.client.delete_run(run.info.run_id)
        for model in self.client.search_registered_models():
            self.client.delete_registered_model(model.name)


@pytest.fixture
def mlflow(mlflow_stack: Supervisor) -> Mlflow:
    """An empty MLflow."""
    server = Mlflow(mlflow_stack.state.addresses["mlflow"])
    server.empty()
    return server


@pytest.fixture
def settings(
    mlflow: Mlflow, trained_home: Path, own_settings: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """A home after one retraining, with this MLflow."""
    shutil.copytree(trained_home, own_settings)
    monkeypatch.setenv("SATISPY_MLFLOW_URI", mlflow.url)
    return load_settings()

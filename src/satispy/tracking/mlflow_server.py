"""A tracking server of MLflow, spoken to by its own client; each call may be repeated safely."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from satispy.core.errors import NotReady
from satispy.tracking.address import Address
from satispy.tracking.facts import ALIASES, RUN, TrackedDataset, TrackedRun, TrackedVersion

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

EXPERIMENT = "satispy"
ARTIFACTS = "model"
"""Folder of a run's artifacts: its own folder, file by file, so that it loads as a model."""

LOCAL = "127.0.0.1,localhost,::1"
AT_ONCE = 100
"""Parameters and tags that one request may hold."""

LONGEST_DIGEST = 36
LONGEST_TAG = 5000
LONGEST_COMPLAINT = 200
_CORE = re.compile(r"\[Errno [^\"')]+|Read timed out|Connection to \S+ timed out")
PATIENCE = {
    # A server that swallows what it is sent must not hold up who speaks to it.
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "6",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
}
QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "GIT_PYTHON_REFRESH": "quiet",
}


class MlflowServer:
    """The experiment `satispy` and the registered models of one server.

    Parameters
    ----------
    address
        Of the server.

    Raises
    ------
    NotReady
        Here and in every method, if the server does not answer or refuses.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        for name, value in PATIENCE.items():
            os.environ.setdefault(name, value)  # whoever sets them knows the server
        os.environ.update(QUIET)
        os.environ["NO_PROXY"] = ",".join(filter(None, (os.environ.get("NO_PROXY"), LOCAL)))
        logging.getLogger("urllib3").setLevel(logging.ERROR)  # which tells of each attempt
        if address.user:
            os.environ["MLFLOW_TRACKING_USERNAME"] = address.user
            os.environ["MLFLOW_TRACKING_PASSWORD"] = address.password
        from mlflow import MlflowClient  # 2 s: only for who speaks to a server

        self._client: MlflowClient = MlflowClient(address.url, address.url)
        with self._explained():
            found = self._client.get_experiment_by_name(EXPERIMENT)
            self.experiment = found.experiment_id if found else self._create_experiment()
        if found and found.lifecycle_stage != "active":
            raise NotReady(
                f"expected the experiment {EXPERIMENT!r} of {address.url}, but it was deleted "
                "there; restore it, or delete it for good"
            )

    def record(self, run: TrackedRun) -> None:
        """Write a run with all that belongs to it; what an interrupted call wrote is completed."""
        from mlflow.entities import Metric, Param, RunTag

        with self._explained():
            known = self._find(run.name)
            if known is None:
                tags = {RUN: run.name, "mlflow.source.type": "JOB", "mlflow.source.name": "satispy"}
                known = self._client.create_run(
                    self.experiment, start_time=run.began, tags=tags, run_name=run.name
                )
            elif known.info.status == "FINISHED":  # said last, so all of it is there
                return
            number = known.info.run_id
            # The same moment each time: a value that is sent twice is kept once.
            values = [Metric(name, value, run.ended, 0) for name, value in run.metrics.items()]
            for name, points in run.curves.items():
                values += [Metric(name, value, run.ended, step) for step, value in points]
            params = [Param(name, value) for name, value in run.params.items()]
            tags_of = [RunTag(name, value[:LONGEST_TAG]) for name, value in run.tags.items()]
            for start in range(0, max(len(values), len(params), len(tags_of)), AT_ONCE):
                part = slice(start, start + AT_ONCE)
                self._client.log_batch(number, values[part], params[part], tags_of[part])
            self._client.log_inputs(number, [_input(run.dataset)])
            self._client.log_artifacts(number, str(run.folder), ARTIFACTS)
            self._client.set_terminated(number, "FINISHED", run.ended)

    def versions(self, model: str) -> dict[str, RegisteredVersion]:
        """Return the versions of a registered model by run; empty where there is no such model."""
        with self._explained():
            found: list[ModelVersion] = []
            page = None
            while page != "":
                some = self._client.search_model_versions(f"name='{model}'", page_token=page)
                found += some
                page = some.token or ""
        return {
            one.tags[RUN]: RegisteredVersion(str(one.version), dict(one.tags))
            for one in sorted(found, key=lambda one: -int(one.version))  # of two, the older
            if RUN in one.tags
        }

    def register(self, model: str, wanted: Sequence[TrackedVersion]) -> None:
        """Let a registered model have these versions with their tags and aliases.

        Versions are made in the order given; a run that the server does not have is passed over.
        What the model has besides stays, but loses our aliases.
        """
        known = self.versions(model)
        with self._explained():
            for version in wanted:
                tags = {name: value[:LONGEST_TAG] for name, value in version.tags.items()}
                if version.run not in known:
                    if not known:
                        self._ensure_model(model)
                    if made := self._create_version(model, version.run, tags):
                        known[version.run] = made
                    continue
                there = known[version.run]
                for name, value in tags.items():
                    if there.tags.get(name) != value:
                        self._client.set_model_version_tag(model, there.number, name, value)
            if known:
                self._set_aliases(model, wanted, known)

    def _set_aliases(
        self, model: str, wanted: Sequence[TrackedVersion], known: Mapping[str, RegisteredVersion]
    ) -> None:
        now: dict[str, Any] = self._client.get_registered_model(model).aliases
        bearers = {
            alias: known[version.run].number
            for version in wanted
            if version.run in known
            for alias in version.aliases
        }
        for alias, number in bearers.items():
            if str(now.get(alias)) != number:
                self._client.set_registered_model_alias(model, alias, number)
        for alias in (set(ALIASES) & now.keys()) - bearers.keys():
            self._client.delete_registered_model_alias(model, alias)

    def _create_version(
        self, model: str, run: str, tags: dict[str, str]
    ) -> RegisteredVersion | None:
        source = self._find(run)
        if source is None:
            return None
        made = self._client.create_model_version(
            model,
            f"{source.info.artifact_uri}/{ARTIFACTS}",
            source.info.run_id,
            tags={RUN: run, **tags},
            await_creation_for=0,
        )
        return RegisteredVersion(str(made.version), {RUN: run, **tags})

    def _ensure_model(self, model: str) -> None:
        from mlflow.exceptions import MlflowException

        try:
            self._client.create_registered_model(model)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise

    def _create_experiment(self) -> str:
        return str(self._client.create_experiment(EXPERIMENT))

    def _find(self, run: str) -> Any:
        """Return the run of this name; None where there is none."""
        question = f"tags.`{RUN}` = '{run}'"
        found = self._client.search_runs([self.experiment], question, max_results=1)
        return found[0] if found else None

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what the client raises into an error of ours."""
        from mlflow.exceptions import MlflowException
        from requests import RequestException

        try:
            yield
        except (MlflowException, RequestException) as error:
            raise NotReady(
                f"expected MLflow at {self._address.url} to take what it is told, but: "
                f"{_core_of(error)}"
            ) from error


@dataclass(frozen=True)
class RegisteredVersion:
    """A version as the server has it."""

    number: str
    tags: Mapping[str, str]


def _core_of(error: Exception) -> str:
    """Return what an error says, without the layers that it went through."""
    said = " ".join(str(error).split())
    core = _CORE.search(said)
    return core[0].strip() if core else said[:LONGEST_COMPLAINT]


def _input(dataset: TrackedDataset) -> Any:
    from mlflow.entities import Dataset, DatasetInput, InputTag

    columns = [{"type": "string", "name": name, "required": True} for name in dataset.columns]
    described = Dataset(
        dataset.name,
        dataset.digest[:LONGEST_DIGEST],
        "local",
        json.dumps({"uri": dataset.source}),
        json.dumps({"mlflow_colspec": columns}),
        json.dumps({"num_rows": dataset.rows}),
    )
    return DatasetInput(described, [InputTag("mlflow.data.context", "training")])

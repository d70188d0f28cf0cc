"""Retrainings as runs of the DAG: started at Airflow, and followed there."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from filelock import FileLock, Timeout

from satispy.core.clock import Clock, stamp
from satispy.core.errors import (
    AirflowAway,
    AirflowRefused,
    AlreadyQueued,
    ArtifactDamaged,
    Busy,
    NotFound,
    SatispyError,
)
from satispy.core.lately import Lately
from satispy.core.settings import Settings
from satispy.registry import runs as run_folders
from satispy.workflows.airflow_account import airflow_account, airflow_address
from satispy.workflows.dag_run_facts import Retraining, in_order, moment_of, retraining_of

if TYPE_CHECKING:  # its HTTP client is loaded by who asks first
    from satispy.orchestration.airflow_api import AirflowApi

DAG_ID = "retrain_reviews"
MOST_LISTED = 20
PATIENCE_SECONDS = 15.0
ANSWER_SECONDS = 10.0


class Retrainings:
    """Starts retrainings at Airflow and follows them; threads may share it.

    What was asked within the last second is not asked again: ten pages that watch one retraining
    cost Airflow no more than one.

    Parameters
    ----------
    settings
        Name the home, and Airflow.
    clock
        Names runs.
    now
        Seconds that only grow.
    seconds
        How long one answer of Airflow may take.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        now: Callable[[], float] = time.monotonic,
        seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._paths = settings.paths
        self._address = airflow_address(settings)
        self._public = settings.airflow_public_url or self._address.url
        self._clock = clock
        self._seconds = seconds
        self._opening = threading.Lock()
        self._opened: AirflowApi | None = None
        self._lately = Lately(now)
        self._dag_run_of: dict[str, str] = {}

    def close(self) -> None:
        """Close the connections."""
        with self._opening:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def start(
        self, by: str, *, renew_vectors: bool = False, ask_for_approval: bool = False
    ) -> Retraining:
        """Ask for a retraining; one more may wait while one is under way.

        Returns
        -------
        Retraining
            Without its tasks, which Airflow makes meanwhile.

        Raises
        ------
        AlreadyQueued
            If one waits already.
        AirflowRefused
            If Airflow knows no such DAG, it is paused there, or Airflow will not start it.
        AirflowAway
            If Airflow does not answer.
        """
        with self._one_at_a_time():
            self._require_startable()
            waiting = self._airflow().runs(limit=1, state="queued")
            if waiting:
                raise AlreadyQueued(
                    f"the retraining '{waiting[0].get('dag_run_id')}' waits to begin already, and "
                    "will read whatever is in the base by then"
                )
            run_id = f"api__{stamp(self._clock())}_{secrets.token_hex(4)}"
            conf = {
                "renew_vectors": renew_vectors,
                "ask_for_approval": ask_for_approval,
                "asked_by": by,
            }
            run = self._started(run_id, conf)
        self._lately.forget()
        return self._retraining(run, [])

    def newest(self) -> list[Retraining]:
        """Return the newest retrainings, the newest first."""
        return self._lately.ask("newest", self._newest)

    def one(self, run_id: str) -> Retraining:
        """Return one retraining; `NotFound` where Airflow knows none of this name."""

        def ask() -> Retraining:
            run = self._airflow().run(run_id)
            return self._retraining(run, self._airflow().tasks([run_id]))

        return self._lately.ask(("one", run_id), ask)

    def failed_tasks(self, run_id: str) -> list[str]:
        """Return the tasks of a run that failed themselves."""
        tasks = self._airflow().tasks([run_id])
        return [str(one.get("task_id")) for one in in_order(tasks) if one.get("state") == "failed"]

    def page_of(self, run_id: str) -> str:
        """Return where people look at a run."""
        return f"{self._public}/dags/{DAG_ID}/runs/{quote(run_id, safe='')}"

    def _newest(self) -> list[Retraining]:
        found = self._airflow().runs(limit=MOST_LISTED)
        names = [str(run.get("dag_run_id")) for run in found]
        tasks = self._airflow().tasks(names) if names else []
        return [
            self._retraining(run, [one for one in tasks if one.get("dag_run_id") == name])
            for run, name in zip(found, names, strict=True)
        ]

    def _require_startable(self) -> None:
        try:
            dag = self._airflow().dag()
        except NotFound as error:
            raise AirflowRefused(
                f"Airflow does not know the DAG {DAG_ID}; just after a start it takes a minute to "
                "read it, else its log of the DAG processor says why"
            ) from error
        if dag.get("has_import_errors"):
            raise AirflowRefused(
                f"Airflow cannot read the DAG {DAG_ID}; its page shows the import error"
            )
        if dag.get("is_paused"):
            raise AirflowRefused(
                f"the DAG {DAG_ID} is paused in Airflow, so a run would never begin; unpause it "
                f"there: {self._public}/dags/{DAG_ID}"
            )

    def _started(self, run_id: str, conf: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self._airflow().start(run_id, conf)
        except AirflowAway:
            # It may have begun all the same: the answer was lost, not the question.
            try:
                return self._airflow().run(run_id)
            except SatispyError:
                raise AirflowAway(
                    "Airflow does not answer; look at GET /retrain before you ask again"
                ) from None

    def _retraining(self, run: Mapping[str, Any], tasks: list[dict[str, Any]]) -> Retraining:
        run_id = str(run.get("dag_run_id"))
        published = self._published(run_id, moment_of(run.get("run_after")))
        return retraining_of(run, tasks, self.page_of(run_id), published)

    def _published(self, run_id: str, since: datetime | None) -> list[str]:
        """Return the runs that name this DAG run; none is older than the question for it."""
        oldest = "" if since is None else stamp(since)
        names = [name for name in run_folders.names(self._paths.runs) if name >= oldest]
        return [name for name in names if self._made_by(name) == run_id]

    def _made_by(self, name: str) -> str:
        if name not in self._dag_run_of:  # a run is written once
            try:
                manifest = run_folders.manifest_of(self._paths.runs, name)
            except (ArtifactDamaged, NotFound):  # pruned meanwhile, or told of elsewhere
                return ""
            self._dag_run_of[name] = str(manifest.get("dag_run", ""))
        return self._dag_run_of[name]

    def _airflow(self) -> AirflowApi:
        with self._opening:
            if self._opened is None:
                from satispy.orchestration.airflow_api import AirflowApi

                self._opened = AirflowApi(
                    self._address.url,
                    lambda: airflow_account(self._address, self._paths),
                    DAG_ID,
                    seconds=self._seconds,
                )
            return self._opened

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """Let no other worker ask between our look and our question."""
        self._paths.clean_model.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._paths.clean_model / ".retrain.lock", mode=0o600)
        try:
            lock.acquire(timeout=PATIENCE_SECONDS)
        except Timeout as error:
            raise Busy("others are asking for a retraining; try again") from error
        try:
            yield
        finally:
            lock.release()

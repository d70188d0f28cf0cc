"""The tour: upload a file, retrain, three times over; then show what came out."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from satispy.core.errors import StackError
from satispy.core.settings import Settings
from satispy.demo.clients import AirflowApi, DagRun, ReviewsApi, Unreachable
from satispy.demo.screen import Screen
from satispy.demo.summary import Summary
from satispy.stack.addresses import airflow_url, api_url
from satispy.stack.supervisor import Supervisor
from satispy.stack.tls import trust
from satispy.workflows.accounts import Admin

DAG_ID = "retrain_reviews"
DAG_KNOWN_SECONDS = 120.0
POLL_SECONDS = 0.5
PATIENCE_SECONDS = 30.0
Answer = TypeVar("Answer")


class Tour:
    """Plays files on a running stack.

    Parameters
    ----------
    settings
        Of the demo's home.
    admin
        Who uploads; the password must be known.
    supervisor
        The running stack; asked at each poll to restart what has died.
    screen
        Shows what happens.
    """

    def __init__(
        self, settings: Settings, admin: Admin, supervisor: Supervisor, screen: Screen
    ) -> None:
        if admin.password is None:
            raise StackError("the demo needs the password of its admin; empty its home and retry")
        self._paths = settings.paths
        self._supervisor = supervisor
        self._screen = screen
        self._api = ReviewsApi(api_url(settings), admin.username, admin.password, trust(settings))
        self._sign_in: Callable[[], AirflowApi] = lambda: AirflowApi(
            airflow_url(settings), admin.username, str(admin.password), DAG_ID
        )
        self.summary = Summary()

    def play(self, files: Sequence[Path]) -> None:
        """Play the tour and write ``summary.json``, also where a step fails.

        Raises
        ------
        StackError
            If a step fails: an upload is refused, a DAG run fails or leaves no report, a component
            dies again and again. A red alert is a result and no failure.
        """
        try:
            airflow = self._patiently(self._sign_in)
            try:
                self.summary.versions["airflow"] = self._patiently(airflow.version)
                self._wait_for_dag(airflow)
                for number, file in enumerate(files, 1):
                    self._play_file(airflow, file, f"{number}/{len(files)}")
            finally:
                airflow.close()
        finally:
            self._supervisor.memory.sample()
            self.summary.peak_memory_mib = self._supervisor.memory.peak_mib
            self.summary.write(self._paths.home / "summary.json")
            self._api.close()
        self._screen.results(self.summary)

    def _wait_for_dag(self, airflow: AirflowApi) -> None:
        deadline = time.monotonic() + DAG_KNOWN_SECONDS
        while not self._patiently(airflow.dag_is_known):
            self._supervisor.check()
            if time.monotonic() > deadline:
                raise StackError(
                    f"Airflow did not find the DAG {DAG_ID} within {DAG_KNOWN_SECONDS:g} s; see "
                    f"{self._paths.logs / 'airflow-dag-processor.log'}"
                )
            time.sleep(POLL_SECONDS)

    def _play_file(self, airflow: AirflowApi, file: Path, place: str) -> None:
        self._supervisor.check()  # an upload is not sent twice
        receipt = self._api.upload(file)
        self.summary.uploads.append({"file": file.name, **receipt})
        self._screen.received(f"{place} {file.name}", receipt)
        self._supervisor.check()  # nor a run started twice
        run_id = airflow.trigger()
        with self._screen.following(f"{place} {DAG_ID}") as view:
            while True:
                run = self._patiently(lambda: airflow.run(run_id))
                view.update(run)
                if run.ended:
                    break
                self._supervisor.check()
                time.sleep(POLL_SECONDS)
        self.summary.dag_runs.append({"id": run.id, "state": run.state, "seconds": run.seconds})
        if run.state != "success":
            raise StackError(self._why(airflow, run))
        self.summary.take_reports(self._patiently(self._api.reports))
        if not any(item["dag_run"] == run.id for item in self.summary.runs):
            raise StackError(f"the DAG run {run.id} succeeded, but GET /reports has no score of it")

    def _patiently(self, question: Callable[[], Answer]) -> Answer:
        """Ask what may be asked twice: a service that died answers again once it is restarted."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return question()
            except Unreachable:
                self._supervisor.check()
                if time.monotonic() > deadline:
                    raise
                time.sleep(POLL_SECONDS)

    def _why(self, airflow: AirflowApi, run: DagRun) -> str:
        lines = [f"the DAG run {run.id} ended as {run.state}"]
        for task, state in sorted(run.tasks.items()):
            if state == "failed":
                lines.append(f"end of the log of {task}:\n{airflow.log_tail(run.id, task)}")
        return "\n".join(lines)

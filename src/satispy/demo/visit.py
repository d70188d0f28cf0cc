"""The tour on a platform that runs somewhere: through its API and its page, and nothing else."""

import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from satispy.core.errors import StackError
from satispy.demo.clients import DagRun, Page, ReviewsApi, Unreachable
from satispy.demo.screen import Screen
from satispy.demo.summary import Summary

POLL_SECONDS = 1.0
DAG_KNOWN_SECONDS = 180.0
PATIENCE_SECONDS = 120.0
NOT_YET = {"airflow-refused", "airflow-away"}
"""What the API says of an Airflow that has just started, and does not know its DAG yet."""
GOOD, BAD = "Livraison rapide, je recommande vivement.", "Arnaque, jamais remboursé, à fuir !"


class Visit:
    """Uploads files, has the platform retrain after each, then asks what serves.

    To visit twice does no harm: a file that was received before is not added again.

    Parameters
    ----------
    api
        As an admin.
    page
        The web page; None where nobody says where it is.
    screen
        Shows what happens.
    """

    def __init__(self, api: ReviewsApi, page: Page | None, screen: Screen) -> None:
        self._api = api
        self._page = page
        self._screen = screen
        self.summary = Summary()

    def play(self, files: Sequence[Path]) -> None:
        """Play the tour.

        Raises
        ------
        StackError
            If a step fails: an upload is refused, a retraining fails or leaves no report, nothing
            serves, an answer is wrong, or the page does not answer. A red alert is a result.
        """
        for number, file in enumerate(files, 1):
            self._upload(file, f"{number}/{len(files)}")
            self._retrain(f"{number}/{len(files)} retraining")
        self._screen.results(self.summary)
        self._require_serving()
        self._require_answers()
        if self._page is not None:
            self._screen.step(f"the page answers: {self._page.title()}")

    def _upload(self, file: Path, place: str) -> None:
        receipt = self._api.upload_once(file)
        if receipt is None:
            self._screen.step(f"{place} {file.name}: was received before")
            return
        self.summary.uploads.append({"file": file.name, **receipt})
        self._screen.received(f"{place} {file.name}", receipt)

    def _retrain(self, title: str) -> None:
        run_id = self._start()
        with self._screen.following(title) as view:
            ended = time.monotonic()
            while True:
                try:
                    run = dag_run(self._api.retraining(run_id))
                    ended = time.monotonic()
                except Unreachable:  # a replica may be on its way back
                    if time.monotonic() > ended + PATIENCE_SECONDS:
                        raise
                    time.sleep(POLL_SECONDS)
                    continue
                view.update(run)
                if run.ended:
                    break
                time.sleep(POLL_SECONDS)
        self.summary.dag_runs.append({"id": run.id, "state": run.state, "seconds": run.seconds})
        if run.state != "success":
            failed = sorted(task for task, state in run.tasks.items() if state == "failed")
            raise StackError(
                f"the retraining {run.id} ended as {run.state}, in {', '.join(failed) or 'no task'}"
                "; Airflow shows the log of each task"
            )
        self.summary.take_reports(self._api.reports())
        if not any(item["dag_run"] == run.id for item in self.summary.runs):
            raise StackError(f"the retraining {run.id} succeeded, but GET /reports has no score")

    def _start(self) -> str:
        deadline = time.monotonic() + DAG_KNOWN_SECONDS
        while True:
            started, why = self._api.retrain(NOT_YET)
            if started is not None:
                return started
            if time.monotonic() > deadline:
                raise StackError(f"no retraining began within {DAG_KNOWN_SECONDS:g} s: {why}")
            time.sleep(POLL_SECONDS)

    def _require_serving(self) -> None:
        serving: dict[str, Any] = self._api.status()["serving"]
        if not serving:
            raise StackError("expected models that serve after a retraining, but none does")
        self._screen.step(f"serving: {', '.join(sorted(serving))}")

    def _require_answers(self) -> None:
        answered = self._api.predict([GOOD, BAD])
        champion = answered["champion"]
        found = [answer["predictions"][champion]["label"] for answer in answered["results"]]
        if found != [1, 0]:
            raise StackError(
                f"expected the champion {champion} to answer 1 and 0 to {GOOD!r} and {BAD!r}, but "
                f"it answers {found}"
            )
        self._screen.step(f"predicted by {champion}: as a person would")


def dag_run(told: dict[str, Any]) -> DagRun:
    """Return a retraining, as the API tells it, in the shape that the screen shows."""
    tasks = told["tasks"]
    return DagRun(
        id=told["id"],
        state=told["state"],
        seconds=passed(told["started_at"], told["ended_at"]),
        tasks={task["task"]: task["state"] for task in tasks},
        task_seconds={task["task"]: passed(task["started_at"], task["ended_at"]) for task in tasks},
    )


def passed(began: str | None, ended: str | None) -> float:
    """Return the seconds between two moments; 0 where one is still to come."""
    if began is None or ended is None:
        return 0.0
    span = datetime.fromisoformat(ended) - datetime.fromisoformat(began)
    return round(span.total_seconds(), 2)

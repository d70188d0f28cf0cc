"""Retrainings: started from here, run by Airflow."""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from reviews_ui.api.connection import Connection, Json
from reviews_ui.api.reading import maybe

QUEUED, RUNNING, SUCCESS, FAILED = "queued", "running", "success", "failed"
WAITING = "waiting-for-approval"
GOING_ON = (QUEUED, RUNNING, WAITING)
FINISHED = ("success", "skipped", "failed", "upstream_failed", "removed")
"""Airflow's words for tasks that will not go on."""


@dataclass(frozen=True)
class Task:
    """One task of a retraining; `state` is Airflow's word for it."""

    name: str
    state: str
    started_at: str | None
    ended_at: str | None
    tries: int

    @classmethod
    def parse(cls, body: Json) -> "Task":
        """Read one entry of ``tasks``."""
        return cls(
            name=str(body["task"]),
            state=str(body["state"]),
            started_at=maybe(str, body["started_at"]),
            ended_at=maybe(str, body["ended_at"]),
            tries=int(body["tries"]),
        )


@dataclass(frozen=True)
class Retraining:
    """One run of the DAG; `airflow_url` is empty where it is no address that a page may lead to."""

    id: str
    state: str
    by: str
    started_at: str | None
    ended_at: str | None
    airflow_url: str
    tasks: tuple[Task, ...]
    runs: tuple[str, ...]

    @classmethod
    def parse(cls, body: Json) -> "Retraining":
        """Read an answer of ``POST /retrain`` or ``GET /retrain/{id}``."""
        url = str(body["airflow_url"])
        return cls(
            id=str(body["id"]),
            state=str(body["state"]),
            by=str(body["by"]),
            started_at=maybe(str, body["started_at"]),
            ended_at=maybe(str, body["ended_at"]),
            airflow_url=url if urlsplit(url).scheme in ("http", "https") else "",
            tasks=tuple(Task.parse(item) for item in body["tasks"]),
            runs=tuple(str(run) for run in body["runs"]),
        )

    @property
    def goes_on(self) -> bool:
        """Whether it has not ended yet."""
        return self.state in GOING_ON

    @property
    def done(self) -> float:
        """Which part of its tasks has ended, a fraction of 1."""
        ended = sum(task.state in FINISHED for task in self.tasks)
        return ended / len(self.tasks) if self.tasks else 0.0


def retrainings(api: Connection, *, seconds: float = 20.0) -> tuple[Retraining, ...]:
    """Return the newest retrainings, the newest first.

    Raises
    ------
    reviews_ui.api.errors.AirflowAway
        Where Airflow does not answer.
    """

    def parse(body: Json) -> tuple[Retraining, ...]:
        return tuple(Retraining.parse(item) for item in body["items"])

    return api.ask("GET", "/retrain", parse, seconds=seconds)


def retraining(api: Connection, name: str) -> Retraining:
    """Return one retraining, as it is now."""
    return api.ask("GET", f"/retrain/{quote(name, safe='')}", Retraining.parse)


def retrain(api: Connection, *, renew_vectors: bool, ask_for_approval: bool) -> Retraining:
    """Start a retraining."""
    wish = {"renew_vectors": renew_vectors, "ask_for_approval": ask_for_approval}
    return api.ask("POST", "/retrain", Retraining.parse, json=wish)

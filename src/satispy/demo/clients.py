"""What the tour speaks to over HTTP: our API, Airflow's, and the page."""

import ssl
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2 as httpx

from satispy.core.errors import StackError

UPLOAD_SECONDS = 300.0
ENDED = ("success", "failed")


class Unreachable(StackError):
    """A service gave no HTTP answer at all."""


@contextmanager
def _reaching(what: str) -> Iterator[None]:
    try:
        yield
    except httpx.TransportError as error:
        raise Unreachable(f"{what} does not answer: {error!r}; see its log") from error


def _answer(response: httpx.Response, expected: int, what: str) -> Any:
    if response.status_code != expected:
        raise StackError(
            f"{what}: expected HTTP {expected} from {response.request.method} "
            f"{response.request.url}, but received {response.status_code}: {response.text[:500]}"
        )
    return response.json()


def _receipt(response: httpx.Response, file: Path) -> dict[str, Any]:
    receipt: dict[str, Any] = _answer(response, 201, f"upload of {file.name}")
    return receipt


def _code(response: httpx.Response) -> str:
    """Return the code of a refusal; empty where it is none of ours."""
    if response.headers.get("content-type") != "application/problem+json":
        return ""
    return str(response.json().get("code", ""))


class ReviewsApi:
    """Our API, as its admin.

    Parameters
    ----------
    url
        Where it answers.
    username, password
        HTTP Basic.
    verify
        Which certificate to believe.
    """

    def __init__(
        self, url: str, username: str, password: str, verify: ssl.SSLContext | bool = True
    ) -> None:
        # Local addresses never go through a proxy, whatever the environment says.
        self._client = httpx.Client(
            base_url=url,
            auth=(username, password),
            timeout=UPLOAD_SECONDS,
            trust_env=False,
            verify=verify,
        )

    def upload(self, file: Path) -> dict[str, Any]:
        """Send a CSV file; return the receipt."""
        return _receipt(self._send(file), file)

    def reports(self) -> dict[str, Any]:
        """Return the scores of all runs and the alerts of the newest."""
        with _reaching("the API"):
            response = self._client.get("/reports")
        reports: dict[str, Any] = _answer(response, 200, "reports")
        return reports

    def upload_once(self, file: Path) -> dict[str, Any] | None:
        """Send a CSV file; return the receipt, or None where it was received before."""
        response = self._send(file)
        return None if _code(response) == "duplicate-upload" else _receipt(response, file)

    def _send(self, file: Path) -> httpx.Response:
        with file.open("rb") as content, _reaching("the API"):
            return self._client.post(
                "/uploadfile", files={"file": (file.name, content, "text/csv")}
            )

    def retrain(self, not_yet: Container[str]) -> tuple[str | None, str]:
        """Ask for a retraining; return its id, or None and why, for a reason of `not_yet`."""
        with _reaching("the API"):
            response = self._client.post("/retrain", json={})
        if _code(response) in not_yet:
            return None, str(response.json()["detail"])
        return str(_answer(response, 202, "start of a retraining")["id"]), ""

    def retraining(self, run_id: str) -> dict[str, Any]:
        """Return how far a retraining is; `Unreachable` where Airflow is away for the moment."""
        with _reaching("the API"):
            response = self._client.get(f"/retrain/{quote(run_id, safe='')}")
        if _code(response) == "airflow-away":
            raise Unreachable(f"Airflow does not answer the API: {response.text[:500]}")
        found: dict[str, Any] = _answer(response, 200, "retraining")
        return found

    def status(self) -> dict[str, Any]:
        """Return the state of the service: its base, and what serves."""
        with _reaching("the API"):
            response = self._client.get("/status")
        found: dict[str, Any] = _answer(response, 200, "status")
        return found

    def predict(self, texts: list[str]) -> dict[str, Any]:
        """Ask every serving model about some texts."""
        with _reaching("the API"):
            response = self._client.post("/predict", json={"texts": texts})
        found: dict[str, Any] = _answer(response, 200, "prediction")
        return found

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


class Page:
    """The web page, as whoever opens it sees it first.

    Parameters
    ----------
    url
        Where it answers.
    verify
        Which certificate to believe.
    """

    def __init__(self, url: str, verify: ssl.SSLContext | bool = True) -> None:
        self._client = httpx.Client(base_url=url, timeout=30.0, trust_env=False, verify=verify)

    def title(self) -> str:
        """Return the title of the page; an error of ours where it is not well."""
        with _reaching("the page"):
            health = self._client.get("/_stcore/health")
            first = self._client.get("/")
        if (health.status_code, health.text) != (200, "ok") or "<title>" not in first.text:
            raise StackError(
                f"expected the page at {self._client.base_url}, but received "
                f"{health.status_code} {health.text[:100]!r} as its health, and "
                f"{first.status_code} with {first.text[:100]!r}"
            )
        return first.text.partition("<title>")[2].partition("</title>")[0]

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


@dataclass(frozen=True)
class DagRun:
    """A run of the DAG as Airflow tells it; `tasks` is task id to state, in no set order."""

    id: str
    state: str
    seconds: float
    tasks: dict[str, str]
    task_seconds: dict[str, float]

    @property
    def ended(self) -> bool:
        """Tell whether the run is over, well or not."""
        return self.state in ENDED


class AirflowApi:
    """Airflow's REST interface, version 2, for one DAG.

    Parameters
    ----------
    url
        Where it answers.
    username, password
        Of the simple auth manager; exchanged for a token once.
    dag_id
        The DAG.
    """

    def __init__(self, url: str, username: str, password: str, dag_id: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=60.0, trust_env=False)
        self._dag = f"/api/v2/dags/{dag_id}"
        with _reaching("Airflow"):
            response = self._client.post(
                "/auth/token", json={"username": username, "password": password}
            )
        token = _answer(response, 201, "sign-in at Airflow")["access_token"]
        self._client.headers["Authorization"] = f"Bearer {token}"

    def version(self) -> str:
        """Return Airflow's version."""
        return str(self._get("/api/v2/version")["version"])

    def dag_is_known(self) -> bool:
        """Tell whether the DAG processor has read the DAG.

        Raises
        ------
        StackError
            If its file cannot be imported.
        """
        with _reaching("Airflow"):
            response = self._client.get(self._dag)
        if response.status_code == httpx.codes.OK:
            return True
        if errors := self._get("/api/v2/importErrors")["import_errors"]:
            traces = "\n".join(str(item["stack_trace"]) for item in errors)
            raise StackError(f"Airflow cannot read its DAGs:\n{traces}")
        return False

    def trigger(self) -> str:
        """Start a run; return its id."""
        with _reaching("Airflow"):
            response = self._client.post(
                f"{self._dag}/dagRuns", json={"logical_date": None, "conf": {}}
            )
        return str(_answer(response, 200, "start of the DAG run")["dag_run_id"])

    def run(self, run_id: str) -> DagRun:
        """Return a run as it is now."""
        path = f"{self._dag}/dagRuns/{run_id}"
        run = self._get(path)
        tasks = self._get(f"{path}/taskInstances")["task_instances"]
        return DagRun(
            id=run_id,
            state=str(run["state"]),
            seconds=_seconds(run.get("queued_at") or run.get("start_date"), run.get("end_date")),
            tasks={item["task_id"]: item["state"] or "waiting" for item in tasks},
            task_seconds={item["task_id"]: item["duration"] or 0.0 for item in tasks},
        )

    def log_tail(self, run_id: str, task_id: str, lines: int = 15) -> str:
        """Return the last lines of a task's newest log."""
        path = f"{self._dag}/dagRuns/{run_id}/taskInstances/{task_id}"
        attempt = self._get(path)["try_number"]
        content = self._get(f"{path}/logs/{attempt}")["content"]
        events = [str(item.get("event", "")) for item in content if isinstance(item, dict)]
        return "\n".join(f"  {event}" for event in events[-lines:])

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _get(self, path: str) -> Any:
        with _reaching("Airflow"):
            response = self._client.get(path)
        return _answer(response, 200, "Airflow")


def _seconds(begun: str | None, ended: str | None) -> float:
    if not begun or not ended:
        return 0.0
    passed = datetime.fromisoformat(ended) - datetime.fromisoformat(begun)
    return round(passed.total_seconds(), 2)

"""Airflow's REST interface, version 2, for one DAG: what is asked, and how a failure is told.

Whatever keeps Airflow from answering in time is `AirflowAway`; whatever it answers that is no help
is `AirflowRefused`. A token is asked for when one is needed, and anew when Airflow takes it no
more.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote, urlsplit

import httpx2 as httpx

from satispy.core.errors import AirflowAway, AirflowRefused, NotFound

CONNECT_SECONDS = 3.0
LARGEST_ANSWER = 8_000_000
PAGE = 100  # what Airflow gives at once
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
LONGEST_QUOTED = 300

Account = Callable[[], tuple[str, str]]
"""Returns name and password; asked at each sign-in, for a new start may bring new ones."""


class _Stumbled(AirflowAway):
    """It failed at once, without a long wait."""


@dataclass(frozen=True)
class _Answer:
    status: int
    body: bytes

    def content(self) -> dict[str, Any]:
        """Return the JSON object; `AirflowRefused` where it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise AirflowRefused(
                f"expected JSON of Airflow, but what listens there answers {self.status} with "
                f"{_quoted(self.body)!r}; is SATISPY_AIRFLOW_URL right?"
            )
        return found

    def complaint(self) -> str:
        """Return what it says of itself, for people."""
        try:
            detail = json.loads(self.body)["detail"]
        except (ValueError, KeyError, TypeError):
            detail = _quoted(self.body)
        return f"{self.status}: {str(detail)[:LONGEST_QUOTED]}"


class AirflowApi:
    """Asks about one DAG; threads may share it.

    Parameters
    ----------
    url
        Where Airflow answers, without a slash at its end.
    account
        Who we are there.
    dag_id
        The DAG.
    seconds
        How long one whole answer may take; a server that drips is not waited for.
    """

    def __init__(self, url: str, account: Account, dag_id: str, *, seconds: float) -> None:
        self._account = account
        self._dag = f"/api/v2/dags/{quote(dag_id, safe='')}"
        self._dag_id = dag_id
        self._seconds = seconds
        local = (urlsplit(url).hostname or "") in LOOPBACK
        # Local addresses never go through a proxy, whatever the environment says.
        self._client = httpx.Client(
            base_url=url,
            timeout=httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
            trust_env=not local,
            headers={"Accept": "application/json"},
        )
        self._lock = threading.Lock()
        self._token: str | None = None

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def dag(self) -> dict[str, Any]:
        """Return what Airflow knows of the DAG.

        Raises
        ------
        NotFound
            If it does not know it.
        """
        return self._get(self._dag, f"Airflow knows no DAG {self._dag_id}")

    def runs(self, *, limit: int, state: str | None = None) -> list[dict[str, Any]]:
        """Return the newest runs, those that were asked for last first."""
        wanted = {"order_by": "-run_after", "limit": str(limit)} | (
            {"state": state} if state else {}
        )
        found = self._get(
            f"{self._dag}/dagRuns", f"Airflow knows no DAG {self._dag_id}", params=wanted
        )
        return _objects(found, "dag_runs")

    def run(self, run_id: str) -> dict[str, Any]:
        """Return one run; `NotFound` where there is none."""
        place = f"{self._dag}/dagRuns/{quote(run_id, safe='')}"
        missing = f"Airflow knows no retraining '{run_id}'"
        if run_id in {".", ".."}:  # as a part of an address they lead elsewhere
            raise NotFound(missing)
        return self._get(place, missing)

    def tasks(self, run_ids: list[str]) -> list[dict[str, Any]]:
        """Return the tasks of some runs, in no set order."""
        found: list[dict[str, Any]] = []
        while True:
            body = {
                "dag_ids": [self._dag_id],
                "dag_run_ids": run_ids,
                "page_limit": PAGE,
                "page_offset": len(found),
            }
            answer = self._ask("POST", "/api/v2/dags/~/dagRuns/~/taskInstances/list", body=body)
            page = _objects(_expected(answer, httpx.codes.OK), "task_instances")
            found += page
            if len(page) < PAGE:
                return found

    def start(self, run_id: str, conf: Mapping[str, Any]) -> dict[str, Any]:
        """Have a run begin, under a name of ours: asked twice, there is still only one."""
        body = {"dag_run_id": run_id, "logical_date": None, "conf": dict(conf)}
        answer = self._ask("POST", f"{self._dag}/dagRuns", body=body)
        if answer.status == httpx.codes.CONFLICT:
            return self.run(run_id)
        return _expected(answer, httpx.codes.OK)

    def _get(
        self, path: str, missing: str, params: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        answer = self._ask("GET", path, params=params)
        if answer.status == httpx.codes.NOT_FOUND:
            answer.content()  # another server's 404 says nothing about a run
            raise NotFound(missing)
        return _expected(answer, httpx.codes.OK)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> _Answer:
        token = self._signed_in()
        answer = self._send(method, path, token, params, body)
        if answer.status == httpx.codes.UNAUTHORIZED:  # it has expired, or Airflow's key changed
            token = self._signed_in(instead_of=token)
            answer = self._send(method, path, token, params, body)
        if answer.status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise AirflowRefused(f"Airflow does not let our account do it: {answer.complaint()}")
        return answer

    def _signed_in(self, instead_of: str | None = None) -> str:
        with self._lock:
            if self._token is None or self._token == instead_of:
                name, password = self._account()
                given = {"username": name, "password": password}
                answer = self._send("POST", "/auth/token", None, None, given)
                if answer.status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
                    raise AirflowRefused(
                        f"Airflow does not know the account '{name}' by the password that we "
                        "have; the next start of the stack gives it one: make down, make up"
                    )
                token = _expected(answer, httpx.codes.CREATED).get("access_token")
                if not isinstance(token, str) or not token.isascii():
                    raise AirflowRefused("expected a token of Airflow, but it gave none")
                self._token = token
            return self._token

    def _send(
        self,
        method: str,
        path: str,
        token: str | None,
        params: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
    ) -> _Answer:
        """Ask once, and once more where that failed at once: nothing that we ask does harm twice.

        A connection may be closed by Airflow in the very moment in which we use it again, and its
        SQLite may be locked for an instant.
        """
        try:
            return self._send_once(method, path, token, params, body)
        except _Stumbled:
            return self._send_once(method, path, token, params, body)

    def _send_once(
        self,
        method: str,
        path: str,
        token: str | None,
        params: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
    ) -> _Answer:
        ends = time.monotonic() + self._seconds
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with (
            _reaching(),
            self._client.stream(method, path, params=params, json=body, headers=headers) as given,
        ):
            read = bytearray()
            for chunk in given.iter_bytes():
                read += chunk
                if time.monotonic() > ends:
                    raise AirflowAway(
                        f"Airflow answers too slowly: not whole after {self._seconds:g} s"
                    )
                if len(read) > LARGEST_ANSWER:
                    raise AirflowRefused(f"Airflow's answer is longer than {LARGEST_ANSWER} bytes")
            answer = _Answer(given.status_code, bytes(read))
        if answer.status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise _Stumbled(f"Airflow cannot answer now: {answer.complaint()}")
        return answer


@contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except httpx.TimeoutException as error:
        raise AirflowAway("Airflow does not answer in time; make status says what runs") from error
    except httpx.HTTPError as error:
        raise _Stumbled(f"Airflow does not answer ({error}); make status says what runs") from error


def _expected(answer: _Answer, status: int) -> dict[str, Any]:
    if answer.status != status:
        raise AirflowRefused(f"Airflow will not do it: {answer.complaint()}")
    return answer.content()


def _objects(found: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    listed = found.get(name)
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise AirflowRefused(f"expected a list '{name}' of Airflow, but its answer has none")
    return cast("list[dict[str, Any]]", listed)


def _quoted(body: bytes) -> str:
    return " ".join(body[:LONGEST_QUOTED].decode(errors="replace").split())

"""A small HTTP server that answers as Airflow's REST interface does; tests set what it is like."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

PASSWORD = "the password of the account"
DAG = "/api/v2/dags/retrain_reviews"
Reply = tuple[int, Any]


@dataclass
class FakeAirflow:
    """What it knows, and what it was asked.

    `broken` answers everything but sign-ins in its own way; `lost` are questions whose answer is
    never sent, though they are obeyed; `drips` sends its answers byte by byte.
    """

    url: str = ""
    password: str = PASSWORD
    dag: dict[str, Any] | None = field(
        default_factory=lambda: {"is_paused": False, "has_import_errors": False}
    )
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    tokens: int = 0
    good_tokens: set[str] = field(default_factory=set)
    broken: Reply | bytes | None = None
    lost: set[str] = field(default_factory=set)
    drips: bool = False
    forbidden: bool = False

    def add_run(self, run_id: str, state: str, **facts: Any) -> None:
        """Know a run."""
        at = f"2026-11-21T08:00:{len(self.runs):02}Z"
        self.runs[run_id] = {
            "dag_run_id": run_id,
            "state": state,
            "run_after": at,
            "start_date": None if state == "queued" else at,
            "end_date": at if state in ("success", "failed") else None,
            "triggering_user_name": "admin",
            "conf": {},
        } | facts

    def add_task(self, run_id: str, task: str, state: str | None, tries: int = 1) -> None:
        """Know a task of a run."""
        self.tasks.append(
            {
                "dag_run_id": run_id,
                "task_id": task,
                "state": state,
                "try_number": tries,
                "start_date": "2026-11-21T08:00:00.5+00:00" if state else None,
                "end_date": "2026-11-21T08:00:01Z" if state in ("success", "failed") else None,
            }
        )

    def expire_tokens(self) -> None:
        """Take no token of before any more."""
        self.good_tokens.clear()

    def count(self, question: str) -> int:
        """Return how often something was asked, as ``GET /path``."""
        return sum(one == question for one in self.asked)

    def sign_in(self, body: dict[str, Any]) -> Reply:
        """Give a token."""
        if body != {"username": "satispy-api", "password": self.password}:
            return 401, {"detail": "Invalid credentials"}
        self.tokens += 1
        self.good_tokens.add(f"token-{self.tokens}")
        return 201, {"access_token": f"token-{self.tokens}"}

    def reply(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> Reply:
        """Answer a question of somebody who is signed in."""
        if method == "GET" and path == DAG:
            return (404, {"detail": "no such DAG"}) if self.dag is None else (200, self.dag)
        if method == "GET" and path == f"{DAG}/dagRuns":
            state, limit = query.get("state"), int(query["limit"][0])
            found = [one for one in self.runs.values() if not state or one["state"] == state[0]]
            found.sort(key=lambda one: one["run_after"], reverse=True)
            return 200, {"dag_runs": found[:limit]}
        if method == "POST" and path == f"{DAG}/dagRuns":
            if body["dag_run_id"] in self.runs:
                return 409, {"detail": "exists"}
            user = {"triggering_user_name": "satispy-api", "conf": body["conf"]}
            self.add_run(body["dag_run_id"], "queued", **user)
            return 200, self.runs[body["dag_run_id"]]
        if method == "POST" and path.endswith("/taskInstances/list"):
            wanted = [one for one in self.tasks if one["dag_run_id"] in body["dag_run_ids"]]
            page = wanted[body["page_offset"] :][: body["page_limit"]]
            return 200, {"task_instances": page, "total_entries": len(wanted)}
        run = self.runs.get(unquote(path.removeprefix(f"{DAG}/dagRuns/")))
        return (404, {"detail": "no such run"}) if run is None else (200, run)


@contextmanager
def fake_airflow() -> Iterator[FakeAirflow]:
    """Run one."""
    airflow = FakeAirflow()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            given = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.loads(given) if given else None
            parts = urlsplit(self.path)
            question = f"{self.command} {parts.path}"
            airflow.asked.append(question)
            token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
            reply: Reply | bytes
            if parts.path == "/auth/token":
                reply = airflow.sign_in(body)
            elif airflow.broken is not None:
                reply = airflow.broken
            elif token not in airflow.good_tokens:
                reply = 401, {"detail": "Invalid JWT token"}
            elif airflow.forbidden:
                reply = 403, {"detail": "Forbidden"}
            else:
                reply = airflow.reply(self.command, parts.path, parse_qs(parts.query), body)
            if question in airflow.lost:
                airflow.lost.discard(question)
                self.close_connection = True
                return
            self.answer(reply)

        do_GET = do_POST

        def answer(self, reply: Reply | bytes) -> None:
            status, content = (200, reply) if isinstance(reply, bytes) else reply
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if not airflow.drips:
                self.wfile.write(body)
                return
            for byte in body:
                try:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                except OSError:  # the other side had enough
                    return
                time.sleep(0.02)  # this is what dripping is

        def log_message(self, *_arguments: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        airflow.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield airflow
        finally:
            server.shutdown()
            thread.join()

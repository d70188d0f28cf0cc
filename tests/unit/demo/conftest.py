"""A small server that answers as our API and as Airflow do."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

RUN = "manual__2026-11-21T08:00:00+00:00"
SCORES = {"accuracy": 0.9, "f1_0": 0.75, "f1_1": 0.93}


class Backend:
    """What the fake answers; tests change it."""

    def __init__(self) -> None:
        self.port = 0
        self.upload_status = 201
        self.run_states = ["queued", "running", "success"]
        self.tasks = {"snapshot": "success", "report": "success"}
        self.reported = True
        self.import_errors: list[dict[str, str]] = []
        self.dag_known = True
        self.received: list[tuple[str, str]] = []

    def answer(self, method: str, path: str) -> tuple[int, Any]:
        """Return status and JSON for a request."""
        self.received.append((method, path))
        run = f"/api/v2/dags/retrain_reviews/dagRuns/{RUN}"
        state = self.run_states[0]
        if path == run and len(self.run_states) > 1:
            self.run_states.pop(0)
        log = {"content": [{"event": "expected two classes"}]}
        table = {
            "/auth/token": (201, {"access_token": "token"}),
            "/uploadfile": (self.upload_status, self._receipt()),
            "/reports": (200, self._reports()),
            "/api/v2/version": (200, {"version": "3.3.2"}),
            "/api/v2/importErrors": (200, {"import_errors": self.import_errors}),
            "/api/v2/dags/retrain_reviews": (200 if self.dag_known else 404, {}),
            "/api/v2/dags/retrain_reviews/dagRuns": (200, {"dag_run_id": RUN}),
            run: (200, self._run(state)),
            f"{run}/taskInstances": (200, {"task_instances": self._tasks()}),
            f"{run}/taskInstances/train_gbc": (200, {"try_number": 2}),
            f"{run}/taskInstances/train_gbc/logs/2": (200, log),
        }
        return table.get(path, (404, {"code": "not-found", "detail": path}))

    def _receipt(self) -> dict[str, Any]:
        if self.upload_status != 201:
            return {"code": "duplicate-upload", "detail": "received before"}
        counts = {"rows_received": 4, "rows_quarantined": 1, "rows_duplicate": 1}
        names = {"upload_id": "u", "filename": "data_MAJ.csv", "sha256": "00"}
        return {**names, **counts, "rows_accepted": 2, "dataset_version": 1, "rows_total": 2}

    def _reports(self) -> dict[str, Any]:
        extra = {"run": "r", "trained_at": "t", "date_heure": "d", "dataset_version": 1}
        item = {"family": "gbc", "dag_run": RUN, "rows": 2, "train_seconds": 1.5, **SCORES}
        alerts = [
            {
                "family": "gbc",
                "metric": metric,
                "value": value,
                "threshold": 0.8,
                "state": "ok" if value > 0.8 else "alert",
            }
            for metric, value in SCORES.items()
        ]
        items = [item | extra] if self.reported else []
        return {"threshold": 0.8, "metrics": list(SCORES), "items": items, "alerts": alerts}

    def _run(self, state: str) -> dict[str, Any]:
        times = {"queued_at": "2026-11-21T08:00:00Z", "end_date": "2026-11-21T08:01:02.500Z"}
        return {"state": state, **times}

    def _tasks(self) -> list[dict[str, Any]]:
        return [
            {"task_id": name, "state": state, "duration": 1.0} for name, state in self.tasks.items()
        ]


@pytest.fixture
def backend() -> Iterator[Backend]:
    fake = Backend()

    class Handler(BaseHTTPRequestHandler):
        def _reply(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, content = fake.answer(self.command, self.path)
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _reply

        def log_message(self, *arguments: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        fake.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield fake
        server.shutdown()
        thread.join()

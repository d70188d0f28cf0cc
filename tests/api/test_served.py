"""The server as the stack starts it: its log, its workers, and no secret in any line."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2 as httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from satispy.core.settings import Settings, load_settings
from satispy.stack.components import components
from satispy.stack.launch import Running, launch
from satispy.stack.ports import free_port
from satispy.stack.processes import end, marked

SECONDS = 60


@contextmanager
def served(settings: Settings, **caller: str) -> Iterator[tuple[Running, httpx.Client]]:
    """Run the API as the supervisor does; yield it and a client."""
    api = components(settings, {**os.environ, **caller})[0]
    running = launch(api, settings.paths)
    try:
        with httpx.Client(base_url=api.address, trust_env=False, timeout=SECONDS) as client:
            deadline = time.monotonic() + SECONDS
            while not api.probes[0].answers(client):
                assert running.process.poll() is None, running.log.read_text()
                assert time.monotonic() < deadline
                time.sleep(0.05)  # between two looks
            yield running, client
        running.process.send_signal(signal.SIGTERM)
        running.process.wait(SECONDS)
    finally:
        end(marked(settings.paths.home), 1.0)
        running.process.wait(SECONDS)


@pytest.fixture
def settings(home: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("SATISPY_API_PORT", str(free_port()))
    return load_settings()


def lines_of(log: Path) -> list[dict]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_every_line_of_the_servers_log_is_json_and_only_its_owner_reads_it(settings, user):
    with served(settings) as (running, client):
        client.get("/status", auth=user, headers={"X-Request-ID": "mine"})
    assert running.log.stat().st_mode & 0o777 == 0o600
    assert running.log.parent.stat().st_mode & 0o777 == 0o700
    lines = lines_of(running.log)
    assert {"uvicorn.error", "reviews_api.observing"} <= {line["logger"] for line in lines}
    (asked,) = [line for line in lines if line.get("request_id") == "mine"]
    assert {"timestamp", "level", "event", "user", "route", "method", "status", "duration_ms"} <= (
        asked.keys()
    )


def test_several_workers_count_together_and_write_whole_lines(settings, user):
    asked = 60
    with served(settings, WEB_CONCURRENCY="2") as (running, client):
        for _ in range(asked):  # each on a connection of its own, so that both workers answer
            httpx.get(f"{client.base_url}/status", auth=user, trust_env=False)
        text = client.get("/metrics", auth=user).text
        files = list((settings.paths.run / "metrics").glob("counter_*.db"))
    assert len(files) == 2
    counted = {
        tuple(sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "satispy_http_requests_total"
    }
    assert counted["GET", "/status", "200"] == asked
    said = [line for line in lines_of(running.log) if line.get("route") == "/status"]
    assert len(said) == asked
    with served(settings, WEB_CONCURRENCY="2") as (_, client):
        fresh = client.get("/metrics", auth=user).text
    assert 'route="/status"' not in fresh


PASSWORD, TOKEN, DATABASE, MLFLOW = (f"the-{name}-nobody-may-read" for name in "pdtm")


def test_no_secret_of_a_caller_or_of_the_settings_stands_in_a_log(settings, admin, monkeypatch):
    monkeypatch.setenv("SATISPY_MLFLOW_URI", f"http://ada:{MLFLOW}@127.0.0.1:9/mlflow")
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    with served(load_settings(), SATISPY_LOG_LEVEL="DEBUG") as (running, client):
        for auth in (("admin", PASSWORD), (PASSWORD[:8], PASSWORD), admin):
            for path in ("/status", f"/status?token={TOKEN}", f"/x?password={PASSWORD}"):
                client.get(path, auth=auth)
        client.get("/status", headers=bearer)
        client.post("/uploadfile", headers=bearer, content=b"x")
        client.get(f"http://x:{PASSWORD}@127.0.0.1:{settings.api_port}/status")
        file = {"file": (f"token={TOKEN}.csv", "Commentaire;star\n;1\n;1\n")}
        client.post("/uploadfile", files=file, auth=admin)
        client.post("/predict", json={"texts": [f"password: {PASSWORD}"]}, auth=admin)
        client.post("/families/svm/rollback", json={"comment": "x"}, auth=admin)
    said = running.log.read_text()
    assert len(said.splitlines()) > 12
    for secret in (PASSWORD, TOKEN, MLFLOW, admin[1]):
        assert secret not in said


POSTGRESQL = f"postgresql://ada:{DATABASE}@127.0.0.1:9/reviews"
NONE = f"mysql://ada:{DATABASE}@127.0.0.1:9"


@pytest.mark.parametrize(
    ("words", "database"),
    [
        (["users", "list"], POSTGRESQL),
        (["data", "verify"], POSTGRESQL),
        (["mlflow", "sync"], POSTGRESQL),
        (["up"], POSTGRESQL),
        (["api"], NONE),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value[:5],
)
def test_no_command_tells_a_secret_however_it_fails(own_settings, monkeypatch, words, database):
    monkeypatch.setenv("SATISPY_DATABASE_URL", database)
    monkeypatch.setenv("SATISPY_MLFLOW_URI", f"ftp://ada:{MLFLOW}@127.0.0.1:9")
    monkeypatch.setenv("SATISPY_ADMIN_PASSWORD", PASSWORD)
    done = subprocess.run(
        [sys.executable, "-m", "satispy.cli", *words],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode != 0, done.stdout
    assert done.stderr
    logs = "".join(file.read_text() for file in own_settings.rglob("*.log"))
    for secret in (DATABASE, MLFLOW, PASSWORD):
        assert secret not in done.stdout + done.stderr + logs

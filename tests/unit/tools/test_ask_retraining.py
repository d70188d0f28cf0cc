"""A retraining that fails fails the workflow that asked for it."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parents[3] / "tools" / "ask_retraining.py"


@pytest.fixture
def platform():
    """A server that answers with what stands in `.answers`, the last one again and again."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.say()

        def do_GET(self):
            self.say()

        def say(self):
            length = int(self.headers.get("Content-Length") or 0)
            server.asked.append((self.command, self.path, self.headers["Authorization"]))
            server.bodies.append(self.rfile.read(length).decode())
            kept = server.answers
            status, body = kept.pop(0) if len(kept) > 1 else kept[0]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_words):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked, server.bodies = [], []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def retraining(state, *runs):
    tasks = [{"task": "gate", "state": state}]
    return {"id": "api__1:2", "state": state, "tasks": tasks, "runs": runs, "airflow_url": "there"}


def run(server, *arguments, **own):
    environment = {
        "PATH": os.environ["PATH"],
        "SATISPY_API_URL": f"http://127.0.0.1:{server.server_port}/",
        "SATISPY_API_KEY": "sat_key",
    }
    return subprocess.run(
        [sys.executable, PROGRAM, "--every", "0.01", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in (environment | own).items() if value},
    )


def test_a_failed_retraining_ends_with_1(platform):
    platform.answers = [(202, retraining("queued")), (200, retraining("failed"))]
    assert run(platform).returncode == 1


def test_a_refusal_ends_with_1_and_says_why(platform):
    platform.answers = [(409, {"code": "already-queued"})]
    done = run(platform)
    assert done.returncode == 1
    assert "already-queued" in done.stderr
    assert len(platform.asked) == 1


def test_one_that_never_ends_is_given_up(platform):
    platform.answers = [(202, retraining("running"))]
    done = run(platform, "--minutes", "0.005")
    assert done.returncode == 1
    assert "not ended" in done.stderr


def test_one_that_waits_for_a_person_says_where(platform):
    platform.answers = [(202, retraining("waiting-for-approval"))]
    done = run(platform)
    assert (done.returncode, "a person is asked: there" in done.stdout) == (2, True)


@pytest.mark.parametrize("left_out", ["SATISPY_API_URL", "SATISPY_API_KEY"])
def test_without_address_or_key_nothing_is_asked(platform, left_out):
    done = run(platform, **{left_out: ""})
    assert done.returncode == 1
    assert left_out in done.stderr
    assert platform.asked == []


def test_a_key_travels_over_no_plain_http_to_another_machine(platform):
    done = run(platform, SATISPY_API_URL="http://reviews.example.org")
    assert (done.returncode, "https://" in done.stdout) == (1, True)


def test_one_that_ends_well_ends_with_0_also_if_a_question_failed(platform):
    platform.answers = [
        (202, retraining("queued")),
        (503, {}),
        (200, retraining("running")),
        (200, retraining("success", "run-svm")),
    ]
    done = run(platform, "--renew-vectors")
    assert done.returncode == 0, done.stderr
    assert "models: run-svm" in done.stdout
    assert platform.asked[0] == ("POST", "/retrain", "Bearer sat_key")
    assert json.loads(platform.bodies[0]) == {"renew_vectors": True}
    assert {path for _, path, _ in platform.asked[1:]} == {"/retrain/api__1%3A2"}
    assert "sat_key" not in done.stdout + done.stderr

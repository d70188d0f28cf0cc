"""A really serving API in a process group of its own, and clients that never give up."""

import base64
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crash.batches import csv_of

REPOSITORY = Path(__file__).resolve().parents[2]
DEADLINE_SECONDS = 60
ADMIN = ("admin", "admin's password")
AUTHORIZATION = "Basic " + base64.b64encode(":".join(ADMIN).encode()).decode()
BOUNDARY = "b" * 24


class Service:
    """One server process.

    Parameters
    ----------
    home
        Its SATISPY_HOME.
    database_url
        Its SATISPY_DATABASE_URL, if any.
    workers
        Processes that answer.
    """

    def __init__(self, home: Path, database_url: str | None = None, *, workers: int = 1) -> None:
        self._log = home.with_name(f"{home.name}.log")
        self.port = _free_port()
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("SATISPY_")
        }
        environment["SATISPY_HOME"] = str(home)
        if database_url is not None:
            environment["SATISPY_DATABASE_URL"] = database_url
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "uvicorn", "reviews_api.app:create_app", "--factory"),
                    *("--app-dir", str(REPOSITORY / "services" / "fastapi")),
                    *("--host", "127.0.0.1", "--port", str(self.port), "--no-access-log"),
                    *("--workers", str(workers)),
                ],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_until_it_answers(self) -> None:
        """Return when it does."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while True:
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < deadline, "the API does not answer"
            probe = Connection(self.port)
            try:
                assert probe.get("/health") == {"status": "alive"}
            except ConnectionError:
                time.sleep(0.02)  # between two looks
            else:
                return
            finally:
                probe.close()

    def kill(self) -> None:
        """Kill it and all its processes, and wait until they are gone."""
        os.killpg(self._process.pid, signal.SIGKILL)
        assert self._process.wait(DEADLINE_SECONDS) == -signal.SIGKILL

    def close(self) -> None:
        """Make sure that it is gone."""
        if self._process.poll() is None:
            self.kill()


@contextmanager
def services(home: Path, database_url: str | None, count: int = 1) -> Iterator[list[Service]]:
    """Run servers of one home, and yield them when all answer; they are gone afterwards."""
    started = [Service(home, database_url) for _ in range(count)]
    try:
        for service in started:
            service.wait_until_it_answers()
        yield started
    finally:
        for service in started:
            service.close()


class Connection:
    """One connection of one client, made when needed."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_SECONDS)

    def get(self, path: str) -> Any:
        """Return the answer to a GET, which must be 200."""
        status, answer = self._ask("GET", path, b"", {})
        assert status == 200, answer
        return answer

    def post(self, path: str, body: bytes, kind: str, key: str) -> tuple[int, Any]:
        """Return status and answer of a POST with this Idempotency-Key."""
        return self._ask("POST", path, body, {"Content-Type": kind, "Idempotency-Key": key})

    def close(self) -> None:
        """Close it."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
        try:
            self._connection.request(
                method, path, body, {"Authorization": AUTHORIZATION, **headers}
            )
            with self._connection.getresponse() as answer:
                return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise ConnectionError(str(error)) from error


def comment_of(text: str) -> tuple[str, bytes, str]:
    """Return path, body and content type of a comment."""
    return "/comment", json.dumps({"Commentaire": text, "star": 4}).encode(), "application/json"


def file_of(texts: list[str]) -> tuple[str, bytes, str]:
    """Return path, body and content type of an upload."""
    disposition = 'form-data; name="file"; filename="reviews.csv"'
    body = b"\r\n".join(
        [
            f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n".encode(),
            csv_of(texts),
            f"--{BOUNDARY}--\r\n".encode(),
        ]
    )
    return "/uploadfile", body, f"multipart/form-data; boundary={BOUNDARY}"


class Serving:
    """Which server serves now, for clients to wait for."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._port: int | None = None
        self._over = False

    def begin(self, port: int) -> None:
        """Let the clients go to this port."""
        with self._changed:
            self._port = port
            self._changed.notify_all()

    def pause(self) -> None:
        """Let them wait for the next server."""
        with self._changed:
            self._port = None

    def end(self) -> None:
        """Let those go home that wait."""
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def port(self) -> int | None:
        """Wait for a server and return its port; None when all is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._port is not None or self._over)
            return self._port


class Client(threading.Thread):
    """Sends one thing after the other, each until it is acknowledged, under one key.

    Parameters
    ----------
    name
        Nobody else's; all its texts begin with it.
    serving
        Where to.
    uploads
        Whether it sends files or comments.
    """

    def __init__(self, name: str, serving: Serving, *, uploads: bool) -> None:
        super().__init__(name=name)
        self.acknowledged: dict[str, int | None] = {}
        self.retried = 0
        self.failure = ""
        self._serving = serving
        self._uploads = uploads
        self._stopped = threading.Event()
        self._connection = Connection(0)

    def stop(self) -> None:
        """Let it end after its next answer."""
        self._stopped.set()

    def run(self) -> None:
        """Send until stopped."""
        number = 0
        try:
            while not self._stopped.is_set():
                count = 3 if self._uploads else 1
                texts = [f"{self.name}/{number}/{place}" for place in range(count)]
                answer = self._answer(texts)
                if answer is None:
                    return
                self.acknowledged.update((text, answer.get("id")) for text in texts)
                number += 1
        finally:
            self._connection.close()

    def _answer(self, texts: list[str]) -> dict[str, Any] | None:
        """Send this until it is acknowledged; None where it is refused, or all is over."""
        request = file_of(texts) if self._uploads else comment_of(texts[0])
        while (port := self._serving.port()) is not None:
            if port != self._connection.port:
                self._connection.close()
                self._connection = Connection(port)
            try:
                status, answer = self._connection.post(*request, key=texts[0])
            except ConnectionError:
                self.retried += 1
                continue
            if status == 201:
                return dict(answer)
            if status != 503:
                self.failure = f"{status} {answer}"
                return None
            self.retried += 1
        return None


class Clients:
    """Clients at work, half of them with files; they go home when the block ends."""

    def __init__(self, name: str, serving: Serving, count: int) -> None:
        self._serving = serving
        self._clients = [
            Client(f"{name}{place}", serving, uploads=place % 2 == 0) for place in range(count)
        ]

    def __enter__(self) -> "Clients":
        for client in self._clients:
            client.start()
        return self

    def __exit__(self, *_error: object) -> None:
        for client in self._clients:
            client.stop()
        self._serving.end()
        for client in self._clients:
            client.join()

    def acknowledged(self) -> dict[str, int | None]:
        """Return what was acknowledged by now, with the ids of comments."""
        for client in self._clients:
            assert not client.failure, client.failure
        return {
            text: row_id
            for client in self._clients
            for text, row_id in list(client.acknowledged.items())
        }

    def retried(self) -> int:
        """Return how often something was sent again."""
        return sum(client.retried for client in self._clients)

    def wait_for(self, count: int) -> None:
        """Wait until so many more rows are acknowledged."""
        wanted = len(self.acknowledged()) + count
        deadline = time.monotonic() + DEADLINE_SECONDS
        while len(self.acknowledged()) < wanted:
            assert time.monotonic() < deadline, "nothing is acknowledged any more"
            time.sleep(0.001)  # between two looks

    def finish(self) -> None:
        """Wait until each has its last answer."""
        for client in self._clients:
            client.stop()
        for client in self._clients:
            client.join(DEADLINE_SECONDS)
            assert not client.is_alive()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

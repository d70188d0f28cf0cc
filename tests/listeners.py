"""Servers for the tests of what is told to others: one that collects, one that never answers."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Collector:
    """What a server was told: path, headers and JSON of each request."""

    url: str = ""
    status: int = 201
    requests: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    @property
    def told(self) -> list[Any]:
        """The bodies alone."""
        return [body for _, _, body in self.requests]

    def wait_for(self, number: int, seconds: float = 30.0) -> None:
        """Return once so many requests have come."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.requests) >= number, seconds)


@contextmanager
def collecting(status: int = 201) -> Iterator[Collector]:
    """Run an HTTP server that keeps what it is sent and answers with one status."""
    collector = Collector(status=status)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with collector.arrived:
                collector.requests.append(
                    (self.path, dict(self.headers), json.loads(body) if body else None)
                )
                collector.arrived.notify_all()
            self.send_response(collector.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *_arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield collector
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def never_answering() -> Iterator[str]:
    """Listen without a word, as a server that hangs; yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"

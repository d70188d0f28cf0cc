"""What it costs to be seen: processor time per request and memory, without and with it.

Usage: ``python benchmarks/bench_observing.py [--json PATH]``; needs ``wrk``. The API is started as
the stack starts it, without the middleware that logs and counts, with it, and with traces too (to
a collector that takes them and forgets them). All three are asked for ``/health``, the cheapest
route, in turns; the figure is the server's own processor time per request, its best round of
several, which a busy machine changes least.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil
from common import heading
from fastapi import FastAPI

from satispy.core.settings import Settings, repository
from satispy.stack.components import api_command, shared_environment
from satispy.stack.memory import pss_mib
from satispy.stack.ports import free_port

ROUNDS, SECONDS, CONNECTIONS = 5, 4, 4
AIM_MIB = 300


def unseen() -> FastAPI:
    """Return the API without the middleware; uvicorn calls this."""
    from reviews_api.app import create_app
    from reviews_api.observing import Observing

    app = create_app()
    app.user_middleware[:] = [one for one in app.user_middleware if one.cls is not Observing]
    return app


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="also write the results here")
    options = parser.parse_args()
    found = heading()
    with tempfile.TemporaryDirectory(prefix="satispy-bench-") as folder, ExitStack() as running:
        traces = {"SATISPY_OTEL_ENDPOINT": running.enter_context(sink())}
        servers = {
            name: running.enter_context(served(Path(folder) / name, factory, more))
            for name, factory, more in (
                ("unseen", "bench_observing:unseen", {}),
                ("logged and counted", "reviews_api.app:create_app", {}),
                ("traced too", "reviews_api.app:create_app", traces),
            )
        }
        rounds = [
            {name: microseconds(*server) for name, server in servers.items()} for _ in range(ROUNDS)
        ]
        for name, (process, _) in servers.items():
            found[name] = {
                "cpu_us_per_request": round(min(one[name][0] for one in rounds), 1),
                "requests_per_second": round(max(one[name][1] for one in rounds)),
                "pss_mib": round(pss_mib([process]), 1),
            }
            print(f"{name}: {found[name]}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    sys.exit(max(found[name]["pss_mib"] for name in servers) > AIM_MIB)


def microseconds(process: psutil.Process, port: int) -> tuple[float, float]:
    """Ask for some seconds; return processor time per request (µs), and requests per second."""
    before = process.cpu_times()
    done = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", f"http://127.0.0.1:{port}/health"],
        capture_output=True,
        text=True,
        check=True,
    )
    after = process.cpu_times()
    requests = int(re.search(r"(\d+) requests in", done.stdout)[1])
    took = after.user + after.system - before.user - before.system
    return 1e6 * took / requests, requests / SECONDS


@contextmanager
def served(home: Path, factory: str, more: dict[str, str]) -> Iterator[tuple[psutil.Process, int]]:
    """Run an API, its log in a file; yield process and port."""
    settings = Settings(home=home, api_port=free_port())
    command = [factory if ":create_app" in word else word for word in api_command(settings)]
    paths = [str(Path(__file__).parent), str(repository() / "services" / "fastapi")]
    environment = {
        **shared_environment(settings, os.environ),
        **more,
        "PYTHONPATH": os.pathsep.join(paths),
    }
    home.mkdir()
    with (home / "api.log").open("ab") as log:
        process = psutil.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        while True:
            try:
                with urlopen(f"http://127.0.0.1:{settings.api_port}/health", timeout=10):
                    break
            except URLError:
                time.sleep(0.05)
        yield process, settings.api_port
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def sink() -> Iterator[str]:
    """Run a collector that forgets; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


if __name__ == "__main__":
    main()

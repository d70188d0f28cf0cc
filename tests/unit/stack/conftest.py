"""Small real processes that stand for Airflow, API and page."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from satispy.core.settings import Paths
from satispy.stack.component import Component, Port, Probe
from satispy.stack.ports import free_port
from satispy.stack.processes import end, marked
from satispy.stack.supervisor import Supervisor

PART = """
import http.server, signal, subprocess, sys, time

name, port, journal, *habits = sys.argv[1:]

def note(what):
    with open(journal, "a") as file:
        file.write(f"{what} {name}\\n")

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"scheduler": {"status": "healthy"}}')

    def log_message(self, *arguments):
        pass

def stop(number, frame):
    note("stop")
    sys.exit(0)

note("start")
if "fails" in habits:
    print("the disk is full", flush=True)
    sys.exit(7)
if "prepares" in habits:
    time.sleep(0.3)
    note("end")
    sys.exit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN if "stubborn" in habits else stop)
if "parent" in habits:
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
if "dies" in habits:
    print("out of memory", flush=True)
server = http.server.HTTPServer(("127.0.0.1", int(port)), Answer)
server.timeout = 0.1
born = time.monotonic()
while "dies" not in habits or time.monotonic() - born < 1.5:
    server.handle_request()
sys.exit(3)
"""

Part = Callable[..., Component]


@pytest.fixture
def home(own_settings: Path) -> Iterator[Path]:
    """A home whose processes are gone after the test, however it ended."""
    own_settings.mkdir()
    yield own_settings
    end(marked(own_settings), 0.2)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Where parts write when they start and stop."""
    return tmp_path / "journal"


@pytest.fixture
def part(tmp_path: Path, journal: Path) -> Part:
    """Make a component that answers by HTTP and has the given habits."""
    script = tmp_path / "part.py"
    script.write_text(PART)

    def make(name: str, *habits: str, turn: int = 0, port: int | None = None) -> Component:
        number = port or free_port()
        return Component(
            name=name,
            command=(sys.executable, str(script), name, str(number), str(journal), *habits),
            environment={"PATH": os.environ["PATH"]},
            folder=tmp_path,
            once="prepares" in habits,
            port=Port(number, f"SATISPY_{name.upper()}_PORT"),
            probes=(Probe(f"http://127.0.0.1:{number}/"),) if "prepares" not in habits else (),
            address=f"http://127.0.0.1:{number}",
            stop_turn=turn,
            ready_seconds=20.0,
            stop_seconds=0.5 if "stubborn" in habits else 5.0,
        )

    return make


@pytest.fixture
def supervise(home: Path) -> Iterator[Callable[..., Supervisor]]:
    """Make supervisors of one home, or of another; all are stopped after the test."""
    made: list[Supervisor] = []

    def make(*components: Component, at: Path = home, **options: Any) -> Supervisor:
        supervisor = Supervisor(Paths(at), "127.0.0.1", components, **options)
        made.append(supervisor)
        return supervisor

    yield make
    for supervisor in made:
        supervisor.stop()

"""A supervisor in a process of its own: signals, death, and what the next one finds."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from satispy.core.errors import StackError
from satispy.core.settings import Paths
from satispy.stack.control import left_over, look, start_in_background, stop_running
from satispy.stack.processes import marked
from satispy.stack.state import read_state, running

FOREGROUND = """
import sys
from pathlib import Path
from satispy.core.errors import StackError
from satispy.core.settings import Paths
from satispy.stack.component import Component, Probe
from satispy.stack.interrupts import Interrupts
from satispy.stack import supervisor as module
from satispy.stack.supervisor import Supervisor

module.MOST_RESTARTS = 1
home, script, port, journal, *habits = sys.argv[1:]
component = Component(
    name="api",
    command=(sys.executable, script, "api", port, journal, *habits),
    environment={},
    folder=Path(home),
    probes=(Probe(f"http://127.0.0.1:{port}/"),),
    stop_seconds=30.0 if "stubborn" in habits else 5.0,
)
with Interrupts() as interrupts:
    supervisor = Supervisor(Paths(Path(home)), "127.0.0.1", [component], hurry=interrupts.hurry)
    try:
        supervisor.start()
        supervisor.watch()
    except KeyboardInterrupt:
        pass
    except StackError as error:
        sys.exit(str(error))
    finally:
        interrupts.disarm()
        supervisor.stop()
"""


@pytest.fixture
def command(part, home, tmp_path):
    """Return the command of a supervisor with one component of the given habits."""

    def make(*habits: str) -> list[str]:
        api = part("api", *habits)
        return [sys.executable, "-c", FOREGROUND, str(home), *api.command[1:2], *api.command[3:]]

    return make


def ready(home: Path) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        state = read_state(Paths(home))
        if state is not None and state.phase == "ready":
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_and_leaves_nothing(command, home, number):
    with subprocess.Popen(command("parent")) as supervisor:
        assert ready(home)
        supervisor.send_signal(number)
        assert supervisor.wait(20) == 0
    assert marked(home) == []
    assert read_state(Paths(home)) is None


def test_a_second_signal_only_speeds_it_up(command, home):
    with subprocess.Popen(command("stubborn")) as supervisor:
        assert ready(home)
        began = time.monotonic()
        supervisor.send_signal(signal.SIGINT)
        time.sleep(0.5)
        supervisor.send_signal(signal.SIGINT)
        assert supervisor.wait(20) == 0
    assert time.monotonic() - began < 10
    assert marked(home) == []


def test_what_a_killed_supervisor_left_is_ended_by_the_next(command, part, supervise, home):
    with subprocess.Popen(command("parent")) as supervisor:
        assert ready(home)
        supervisor.kill()
    assert len(marked(home)) == 2
    assert running(Paths(home)) is None
    api = part("api")
    supervise(api).start()
    assert [process.cmdline() for process in marked(home)] == [list(api.command)]


def test_down_ends_what_a_killed_supervisor_left(command, home):
    with subprocess.Popen(command()) as supervisor:
        assert ready(home)
        supervisor.kill()
    assert left_over(Paths(home)) == 1
    assert stop_running(Paths(home), lambda _: None)
    assert left_over(Paths(home)) == 0
    assert marked(home) == []
    assert not stop_running(Paths(home), lambda _: None)


def test_a_component_that_dies_again_and_again_ends_the_supervisor_with_a_failure(command, home):
    with subprocess.Popen(command("dies", "parent"), stderr=subprocess.PIPE) as supervisor:
        _, complaint = supervisor.communicate(timeout=30)
    assert supervisor.returncode == 1
    assert b"api has ended by itself (exit 3), after 1 restarts within 10 minutes" in complaint
    assert marked(home) == []


def test_a_stack_in_the_background_that_cannot_start_tells_why(command, home):
    log = Paths(home).logs / "supervisor.log"
    log.parent.mkdir()
    log.write_text("of the last time\n")
    with pytest.raises(StackError, match=r"api has ended by itself \(exit 7\): the disk is full"):
        start_in_background(Paths(home), command("fails"), {})
    assert running(Paths(home)) is None
    assert log.read_text().startswith("of the last time\n--- 20")


def test_a_stack_in_the_background_is_looked_at_and_stopped_from_outside(command, home):
    paths = Paths(home)
    assert look(paths) is None
    supervisor = start_in_background(paths, command("parent"), {})
    report = look(paths)
    assert report is not None
    assert report.state.pid == supervisor.pid
    (component,) = report.components
    assert component.alive
    assert 0 < component.pss_mib < report.pss_mib
    assert stop_running(paths, lambda _: None)
    assert supervisor.wait(30) == 0
    assert marked(home) == []
    assert look(paths) is None

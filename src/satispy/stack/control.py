"""From outside of a running stack: start one in the background, look at it, stop it."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import psutil

from satispy.core.clock import iso, system_clock
from satispy.core.errors import StackError
from satispy.core.settings import Paths
from satispy.stack.launch import open_log, tail
from satispy.stack.memory import pss_mib
from satispy.stack.processes import alive, family_of, marked, wait_gone
from satispy.stack.state import StackState, read_state, remove_state, running
from satispy.stack.supervisor import clean_up_strays

START_SECONDS = 600.0
STOP_SECONDS = 60.0


@dataclass(frozen=True)
class ComponentReport:
    """One component as it is now; `pss_mib` counts it and its descendants."""

    name: str
    pid: int
    alive: bool
    pss_mib: float
    address: str | None


@dataclass(frozen=True)
class StackReport:
    """A running stack as it is now; `pss_mib` counts everything, the supervisor too."""

    state: StackState
    components: list[ComponentReport]
    pss_mib: float


def look(paths: Paths) -> StackReport | None:
    """Measure the stack that runs in a home; None if none does."""
    state = running(paths)
    if state is None:
        return None
    components = []
    for name, pid in state.components.items():
        family = family_of([pid])
        lives = any(process.pid == pid for process in family)
        components.append(
            ComponentReport(name, pid, lives, pss_mib(family), state.addresses.get(name))
        )
    everything = family_of([state.pid, *(process.pid for process in marked(paths.home))])
    return StackReport(state, components, pss_mib(everything))


def left_over(paths: Paths) -> int:
    """Count the processes that a killed supervisor left behind; 0 while a stack runs."""
    return 0 if running(paths) is not None else len(marked(paths.home))


def start_in_background(
    paths: Paths, command: Sequence[str], environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start a supervisor that outlives its terminal; return once its stack is ready.

    Parameters
    ----------
    paths
        Folders of the home; the supervisor's own output goes to ``logs/supervisor.log``.
    command
        Runs the supervisor in the foreground.
    environment
        All its variables.

    Returns
    -------
    subprocess.Popen
        The supervisor, for who lives long enough to wait for it.

    Raises
    ------
    StackError
        If it ends or does not become ready within ten minutes; with its reason.
    """
    log = paths.logs / "supervisor.log"
    with open_log(log) as output:
        output.write(f"--- {iso(system_clock())}\n".encode())
        output.flush()
        log_start = output.tell()
        supervisor = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    try:
        while time.monotonic() < deadline:
            state = read_state(paths)
            if state is not None and state.pid == supervisor.pid and state.phase == "ready":
                return supervisor
            if (code := supervisor.poll()) is not None:
                ours = state is not None and state.pid == supervisor.pid and state.error
                raise StackError(
                    ours
                    or "\n".join(
                        [f"the supervisor ended (exit {code}); see {log}", *tail(log, log_start)]
                    )
                )
            time.sleep(0.1)
        raise StackError(f"the stack was not ready within {START_SECONDS:g} s; see {log}")
    except BaseException:  # Ctrl-C too: what we started must not go on unseen; the error goes on
        if supervisor.poll() is None:
            supervisor.terminate()
            supervisor.wait(STOP_SECONDS)
        raise


def stop_running(paths: Paths, say: Callable[[str], None]) -> bool:
    """Stop the stack of a home, or what a killed supervisor left of it.

    Returns
    -------
    bool
        False if there was nothing to stop.

    Raises
    ------
    StackError
        If it does not end.
    """
    state = running(paths)
    if state is None:
        strays = clean_up_strays(paths.home, say)
        failed = read_state(paths)
        remove_state(paths)
        return bool(strays) or (failed is not None and failed.phase != "failed")
    if not state.pid or state.pid == os.getpid():
        raise StackError(f"the stack in {paths.home} is only just starting; try again in a second")
    supervisor = psutil.Process(state.pid)
    supervisor.send_signal(signal.SIGTERM)
    if wait_gone([supervisor], STOP_SECONDS):
        say("it takes long; asking again, without waiting")
        supervisor.send_signal(signal.SIGTERM)
        if wait_gone([supervisor], STOP_SECONDS):
            supervisor.kill()
            wait_gone([supervisor], STOP_SECONDS)
    clean_up_strays(paths.home, say)
    if alive(supervisor):
        raise StackError(f"the supervisor (PID {state.pid}) does not end; kill it by hand")
    return True

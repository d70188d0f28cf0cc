"""Finding and ending processes: by mark, by session, by tree; and never anybody else's."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

from satispy.stack.component import COMPONENT, MARK

GONE = (psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied)


def marked(home: Path, component: str | None = None) -> list[psutil.Process]:
    """Return the live processes that carry the mark of the stack in `home`, without this one.

    With `component` only those of that component: the mark is inherited, so it finds them also
    once their parent has died or they have left its session.
    """
    found = []
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        with contextlib.suppress(*GONE, OSError):
            variables = process.environ()
            ours = variables.get(MARK) == str(home)
            if ours and component in (None, variables.get(COMPONENT)) and alive(process):
                found.append(process)
    return found


def alive(process: psutil.Process) -> bool:
    """Tell whether a process runs; one that has ended but was not waited for does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def family_of(pids: Iterable[int]) -> list[psutil.Process]:
    """Return the live processes among `pids` and all their descendants, each once."""
    found: dict[int, psutil.Process] = {}
    for pid in pids:
        with contextlib.suppress(*GONE):
            root = psutil.Process(pid)
            for process in (root, *root.children(recursive=True)):
                if alive(process):
                    found[process.pid] = process
    return list(found.values())


def describe(process: psutil.Process) -> str:
    """Name a process for a person: ``python -m http.server (PID 4711)``."""
    try:
        command = " ".join(process.cmdline()).strip() or process.name()
    except GONE:
        command = "a process of another user"
    return f"{command[:100]} (PID {process.pid})"


def send(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    """Send a signal to each process that is still there."""
    for process in processes:
        with contextlib.suppress(*GONE):
            process.send_signal(number)


def wait_gone(
    processes: Iterable[psutil.Process],
    seconds: float,
    hurry: Callable[[], bool] = lambda: False,
) -> list[psutil.Process]:
    """Wait until the processes have ended; return those that have not after `seconds`.

    `hurry` cuts the wait short as soon as it returns True.
    """
    deadline = time.monotonic() + seconds
    remaining = [process for process in processes if alive(process)]
    while remaining and time.monotonic() < deadline and not hurry():
        time.sleep(0.05)
        remaining = [process for process in remaining if alive(process)]
    return remaining


def end(
    processes: Iterable[psutil.Process],
    seconds: float,
    hurry: Callable[[], bool] = lambda: False,
) -> None:
    """Ask processes to end, wait up to `seconds`, kill those that are left."""
    chosen = list(processes)
    send(chosen, signal.SIGTERM)
    remaining = wait_gone(chosen, seconds, hurry)
    send(remaining, signal.SIGKILL)
    wait_gone(remaining, 5.0)

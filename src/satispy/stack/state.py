"""What a running stack leaves on disk: one lock that dies with it, one file that describes it."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock, Timeout

from satispy.core.errors import ArtifactDamaged, StackError
from satispy.core.files import read_json, write_json
from satispy.core.settings import Paths

LOCK = "stack.lock"


@dataclass
class StackState:
    """Content of ``run/stack.json``.

    Attributes
    ----------
    pid
        The supervisor.
    phase
        ``starting``, ``ready``, ``stopping`` or ``failed``.
    started
        ISO 8601 UTC.
    addresses
        Name to URL, of what a person can open.
    components
        Name to process id.
    peak_memory_mib
        Largest sum of PSS seen so far.
    error
        Why the stack failed, in the phase ``failed``.
    """

    pid: int
    phase: str
    started: str
    addresses: dict[str, str] = field(default_factory=dict)
    components: dict[str, int] = field(default_factory=dict)
    peak_memory_mib: float = 0.0
    error: str | None = None


def state_file(paths: Paths) -> Path:
    """Return where the state of a home's stack stands."""
    return paths.run / "stack.json"


def read_state(paths: Paths) -> StackState | None:
    """Read the state that the last supervisor wrote; None if there is none that makes sense."""
    with contextlib.suppress(FileNotFoundError, ArtifactDamaged, TypeError):
        content: dict[str, Any] = read_json(state_file(paths))
        return StackState(**content)
    return None


def write_state(paths: Paths, state: StackState) -> None:
    """Replace the state file."""
    write_json(state_file(paths), asdict(state))


def remove_state(paths: Paths) -> None:
    """Forget the state."""
    state_file(paths).unlink(missing_ok=True)


def _lock(paths: Paths) -> FileLock:
    paths.run.mkdir(parents=True, exist_ok=True)
    return FileLock(paths.run / LOCK, timeout=0)


def running(paths: Paths) -> StackState | None:
    """Return the state of the stack that runs in a home, or None if none does.

    The lock decides, not the file: the operating system frees it with its process, however that
    ended.
    """
    if not paths.run.is_dir():
        return None
    try:
        with _lock(paths):
            return None
    except Timeout:
        pass
    deadline = time.monotonic() + 2.0
    while time.monotonic() < deadline:
        state = read_state(paths)
        if state is not None and psutil.pid_exists(state.pid):
            return state
        time.sleep(0.05)  # the lock is taken a moment before the state is written
    return StackState(pid=0, phase="starting", started="")


@contextlib.contextmanager
def only_one(paths: Paths) -> Iterator[None]:
    """Hold a home for this process.

    Raises
    ------
    StackError
        If a stack runs there already; names its process.
    """
    lock = _lock(paths)
    try:
        lock.acquire()
    except Timeout as error:
        state = read_state(paths)
        who = f"PID {state.pid}" if state else "its PID is not known yet"
        raise StackError(
            f"a stack is running in {paths.home} already ({who}). Stop it with 'satispy down' "
            "(or Ctrl-C in its terminal), or give this one another SATISPY_HOME and other ports."
        ) from error
    try:
        yield
    finally:
        lock.release()

"""Starts writers by fork from a process that has imported everything: some 10 ms for each.

Run as a program, this is that process. It does no work of its own, so that it has no thread that a
fork would lose; the processes of the tests have.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

LARGEST = 1 << 16
TESTS = Path(__file__).resolve().parents[1]
DEADLINE_SECONDS = 60


class Writer:
    """A writer process, as its parent sees it."""

    def __init__(self, nursery: "Nursery", pid: int, said: int) -> None:
        self._nursery = nursery
        self.pid = pid
        self._said = said
        self._rest = b""

    def heard(self, seconds: float = DEADLINE_SECONDS) -> list[Any] | None:
        """Return what it says within some seconds, at once where it says something; None at end."""
        if not select.select([self._said], [], [], max(0.0, seconds))[0]:
            return []
        if not (more := os.read(self._said, LARGEST)):
            return None
        *lines, self._rest = (self._rest + more).split(b"\n")
        return [json.loads(line) for line in lines]

    def all_it_says(self) -> list[Any]:
        """Return everything up to its end, which must come in time."""
        said, deadline = [], time.monotonic() + DEADLINE_SECONDS
        while (some := self.heard(deadline - time.monotonic())) is not None:
            assert time.monotonic() < deadline, f"writer {self.pid} does not end"
            said += some
        return said

    def kill(self) -> None:
        """Kill it, as nothing can prevent."""
        os.kill(self.pid, signal.SIGKILL)

    def ended_by(self) -> int:
        """Return the signal that ended it, 0 for none."""
        status = self._nursery.status_of(self.pid)
        assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0, f"writer {self.pid} failed"
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0

    def close(self) -> None:
        """Make sure that it is gone."""
        with suppress(ProcessLookupError):
            self.kill()
        self._nursery.status_of(self.pid)
        os.close(self._said)


class Nursery:
    """The process that starts writers, as the tests see it."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self.statuses: dict[int, int] = {}

    def start(self, task: bytes) -> Writer:
        """Start a writer."""
        said, says = os.pipe()
        try:
            socket.send_fds(self._line, [task], [says])
        finally:
            os.close(says)
        while (message := self._receive())[0] != "started":
            self.statuses[message[1]] = message[2]
        return Writer(self, message[1], said)

    def status_of(self, pid: int) -> int:
        """Return the wait status of a writer once it has ended."""
        while pid not in self.statuses:
            _, ended, status = self._receive()
            self.statuses[ended] = status
        return self.statuses[pid]

    def _receive(self) -> list[Any]:
        message = self._line.recv(LARGEST)
        assert message, "the nursery has died"
        received: list[Any] = json.loads(message)
        return received


@contextmanager
def nursery() -> Iterator[Nursery]:
    """Run a nursery; it ends, and all writers with it, when its line is closed."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(DEADLINE_SECONDS)
    with ours:
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-m", "crash.nursery"],
                stdin=theirs.fileno(),
                cwd=TESTS,
                env={**os.environ, "POLARS_MAX_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            )
        yield Nursery(ours)
    assert process.wait(DEADLINE_SECONDS) == 0


def main() -> None:
    """Fork a writer for each task that comes; report each that ended."""
    # Everything that a writer needs and would else import itself.
    import pandas  # noqa: F401 — by which snapshots are read
    import sqlalchemy.dialects.postgresql.psycopg
    import sqlalchemy.dialects.sqlite  # noqa: F401

    from crash import writer

    line = socket.socket(fileno=os.dup(0))
    wake, woken = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    alive: set[int] = set()
    while True:
        ready, _, _ = select.select([line, wake], [], [])
        if wake in ready:
            os.read(wake, LARGEST)
            for pid in list(alive):
                ended, status = os.waitpid(pid, os.WNOHANG)
                if ended:
                    alive.discard(pid)
                    line.send(json.dumps(["ended", pid, status]).encode())
        if line in ready:
            message, files, _, _ = socket.recv_fds(line, LARGEST, 1)
            if not message:
                break
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                line.close()
                _be_a_writer(writer, message, files[0])
            alive.add(pid)
            os.close(files[0])
            line.send(json.dumps(["started", pid]).encode())
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _be_a_writer(writer: Any, message: bytes, says: int) -> None:
    code = 1
    try:
        writer.write(
            writer.Task.decode(message),
            lambda what: os.write(says, f"{json.dumps(what)}\n".encode()),
        )
        code = 0
    except BaseException:  # told on stderr; a fork must not go on in its parent's code
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()

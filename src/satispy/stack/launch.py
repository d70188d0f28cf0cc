"""Starting one component, with its log; and what its log says when it has ended."""

import subprocess
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from satispy.core.errors import StackError
from satispy.core.settings import Paths
from satispy.stack.component import COMPONENT, MARK, Component

TAIL_LINES = 12
LONGEST_LINE = 160
LARGEST_LOG = 5_000_000  # bytes; a longer one is put aside at the next start


@dataclass(frozen=True)
class Running:
    """A component that was started."""

    component: Component
    process: subprocess.Popen[bytes]
    log: Path
    log_start: int

    def complaint(self, what: str) -> StackError:
        """Return an error: one line with the last thing it wrote, then the end of its log.

        Parameters
        ----------
        what
            What went wrong, without a full stop.
        """
        lines = tail(self.log, self.log_start)
        # The last line of a traceback in a frame is its lower edge.
        telling = [line for line in lines if any(letter.isalnum() for letter in line)]
        last = telling[-1].strip() if telling else "it wrote nothing"
        first = f"{what}: {last} (more in {self.log})"
        return StackError("\n".join([first, *(f"  {line}" for line in lines)]))


def tail(log: Path, start: int) -> list[str]:
    """Return the last lines of a log after the byte `start`, the long ones cut."""
    with log.open("rb") as file:
        file.seek(start)
        lines = file.read().decode(errors="replace").splitlines()
    return [
        line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"
        for line in lines[-TAIL_LINES:]
    ]


def open_log(log: Path) -> AbstractContextManager[BinaryIO]:
    """Open a log to go on writing at its end; an overgrown one is put aside."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))
    return log.open("ab")


def launch(component: Component, paths: Paths) -> Running:
    """Start a component in a session of its own.

    Raises
    ------
    StackError
        If its program is not there.
    """
    log = paths.logs / f"{component.name}.log"
    with open_log(log) as output:
        log_start = output.tell()
        try:
            process = subprocess.Popen(
                component.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=component.folder,
                env={
                    **component.environment,
                    MARK: str(paths.home),
                    COMPONENT: component.name,
                },
                start_new_session=True,
            )
        except OSError as error:
            raise StackError(
                f"{component.name} cannot be started: {component.command[0]}: "
                f"{error.strerror}. Build the environments with 'make env'."
            ) from error
    return Running(component, process, log, log_start)

"""Starting one component, with its log; and what its log says when it has ended."""

import os
import shutil
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
LARGEST_LOG = 5_000_000  # bytes; a longer one is put aside


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
        file.seek(start if start <= log.stat().st_size else 0)  # put aside meanwhile
        lines = file.read().decode(errors="replace").splitlines()
    return [
        line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"
        for line in lines[-TAIL_LINES:]
    ]


def open_log(log: Path) -> AbstractContextManager[BinaryIO]:
    """Open a log to go on writing at its end; an overgrown one is put aside.

    Only its owner may read it: it names people and what they asked for.
    """
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(_aside(log))
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.fchmod(descriptor, 0o600)  # one from before may be open to all
    return os.fdopen(descriptor, "ab")


def put_aside_while_written(log: Path) -> bool:
    """Copy an overgrown log aside and empty it, for its writer keeps it open; tell whether it was.

    The writer appends, so it goes on at the new end. What it writes between the copy and the cut,
    some milliseconds, is lost.
    """
    if log.stat().st_size <= LARGEST_LOG:
        return False
    aside = _aside(log)
    aside.touch(mode=0o600)
    shutil.copyfile(log, aside)
    os.truncate(log, 0)
    return True


def empty_folder(folder: Path) -> None:
    """Make a folder of the owner's own, with nothing in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)


def _aside(log: Path) -> Path:
    return log.with_suffix(".log.1")


def launch(component: Component, paths: Paths) -> Running:
    """Start a component in a session of its own.

    Raises
    ------
    StackError
        If its program is not there.
    """
    log = paths.logs / f"{component.name}.log"
    for folder in component.fresh:
        empty_folder(folder)
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

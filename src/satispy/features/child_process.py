"""Work in a process of its own: a job as JSON on stdin, progress on stdout, then the end.

Libraries that take much memory, must be patched, or execute what a file says run there.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from typing import Any, NoReturn

from satispy.core.errors import InvalidInput, TrainingImpossible
from satispy.features.progress import Progress

_REFUSED = 3
_PROGRESS = "progress"
_PAUSE_S = 1.0
_LINES_SHOWN = 20


def run_child(module: str, job: dict[str, Any], progress: Progress) -> None:
    """Run a module as a program, and wait for it.

    Parameters
    ----------
    module
        Its name; it reads one job with `json.load` from its standard input.
    job
        What it is to do.
    progress
        Told what the child tells with `Reporter`.

    Raises
    ------
    InvalidInput
        If the child refuses what it was given, with `refuse`.
    TrainingImpossible
        If it ends otherwise than well.
    """
    child = subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        process_group=0,
    )
    said: list[str] = []
    with child:
        assert child.stdin is not None  # noqa: S101 - both are pipes
        assert child.stdout is not None  # noqa: S101
        try:
            child.stdin.write(json.dumps(job))
            child.stdin.close()
            for line in child.stdout:
                if line.startswith(f"{_PROGRESS}\t"):
                    _, step, done, total = line.rstrip("\n").split("\t")
                    progress(step, int(done), int(total))
                else:
                    said = [*said, line][-_LINES_SHOWN:]
        except BaseException:  # whatever stops us stops child and workers too; the error goes on
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            raise
    if child.returncode == _REFUSED:
        raise InvalidInput(said[-1].strip())
    if child.returncode:
        raise TrainingImpossible(
            f"expected wikipedia2vec to learn vectors, but it ended with {child.returncode}: "
            f"{''.join(said).strip()}"
        )


def refuse(message: str) -> NoReturn:
    """End this child: what it was given cannot be read, and this line says why."""
    sys.stdout.write(f"{message}\n")
    sys.stdout.flush()
    sys.exit(_REFUSED)


class Reporter:
    """Stands in for tqdm: a line on stdout each second, and one at the end."""

    def __init__(self, total: int, desc: str = "counting", **_: Any) -> None:
        self._step, self._total, self._done, self._told = desc, total, 0, 0.0

    def __enter__(self) -> "Reporter":
        return self

    def __exit__(self, *_: object) -> None:
        self._tell()

    def update(self, more: int) -> None:
        """Count pages."""
        self._done += more
        if time.monotonic() - self._told >= _PAUSE_S:
            self._tell()

    def _tell(self) -> None:
        self._told = time.monotonic()
        sys.stdout.write(f"{_PROGRESS}\t{self._step}\t{self._done}\t{self._total}\n")
        sys.stdout.flush()

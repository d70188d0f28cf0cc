"""Trainings at once, as many as memory holds: a family waits where it would make the machine swap.

Those that train on one machine are noted in a file. One that was killed does not
count: its process is gone. The first is always let in, for waiting would not make it smaller.
"""

import logging
import os
import resource
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock

from satispy.core.files import read_json, write_json

UNKNOWN_MIB = 1200
"""What a family is taken to need before it was trained once: the most that any was seen to."""

SHARE_OF_MACHINE = 0.6
"""Part of the machine's memory that trainings may take where no budget is set."""

POLL_SECONDS = 0.5

log = logging.getLogger(__name__)


def default_budget_mib() -> int:
    """Return the part of this machine's memory that trainings may take, in MiB."""
    return int(psutil.virtual_memory().total * SHARE_OF_MACHINE) >> 20


def peak_mib() -> int:
    """Return the largest resident size of this process so far, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak >> 20 if sys.platform == "darwin" else peak >> 10


def grown_peak_mib(before: Mapping[str, Any], growth: float, most: float) -> int:
    """Return what a training may need, from what the family's last one needed.

    Parameters
    ----------
    before
        ``peak_mib``, ``train_rows`` (reviews learnt from) and ``training_side`` (reviews there
        were to learn from) of the last one.
    growth
        Reviews of the base now, by those it had then.
    most
        Reviews that the family learns from at most: beyond them it grows no more.
    """
    learnt = min(most, before["training_side"] * growth)
    return int(before["peak_mib"] * max(1.0, learnt / before["train_rows"]))


@contextmanager
def room_for(
    wanted_mib: int,
    folder: Path,
    *,
    budget_mib: int,
    wait: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Hold memory for a training, after waiting until those at work leave enough.

    Parameters
    ----------
    wanted_mib
        What the training is expected to need at its peak.
    folder
        ``clean_model``; the note of who trains lies in it.
    budget_mib
        What all trainings on this machine may need together.
    wait
        Called with the seconds to wait before looking again.
    """
    note = folder / ".trainings.json"
    lock = FileLock(folder / ".trainings.lock", mode=0o600)
    mine = {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "began": psutil.Process().create_time(),
        "mib": wanted_mib,
    }
    told = False
    while True:
        with lock:
            others = _at_work(note)
            here = [one for one in others if one["host"] == mine["host"]]
            if not here or sum(one["mib"] for one in here) + wanted_mib <= budget_mib:
                write_json(note, [*others, mine])
                break
        if not told:
            told = True
            log.info(
                "waiting: %d trainings are at work, and %d MiB more would exceed %d MiB",
                *(len(here), wanted_mib, budget_mib),
            )
        wait(POLL_SECONDS)
    try:
        yield
    finally:
        with lock:
            write_json(note, [one for one in _at_work(note) if one != mine])


def _at_work(note: Path) -> list[dict[str, Any]]:
    """Return who trains; those of this machine whose process is gone are left out."""
    noted: list[dict[str, Any]] = read_json(note) if note.is_file() else []
    host = socket.gethostname()
    return [one for one in noted if one["host"] != host or _lives(one)]


def _lives(one: dict[str, Any]) -> bool:
    try:
        return bool(psutil.Process(one["pid"]).create_time() == one["began"])
    except psutil.NoSuchProcess:
        return False

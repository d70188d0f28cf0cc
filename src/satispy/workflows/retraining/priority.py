"""Who goes first where families train at once on few cores: the one that has most to do.

Left to the system all get the same, and the longest ends alone on one core while the others idle.
"""

import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from satispy.core.files import read_json
from satispy.registry import runs

NICE = 5
"""Gives way without standing still: a third of the time of one that does not."""

log = logging.getLogger(__name__)


def seconds_of_last(runs_folder: Path, families: list[str]) -> dict[str, float]:
    """Return the processor time of the last training of each family, where it is known."""
    found: dict[str, float] = {}
    for name in reversed(runs.names(runs_folder)):
        family = name.rpartition("-")[2]
        if family in families and family not in found:
            facts = read_json(runs_folder / name / "training.json")
            if "processor_seconds" in facts:
                found[family] = facts["processor_seconds"]
        if len(found) == len(families):
            break
    return found


def give_way(
    family: str, seconds: Mapping[str, float], nice: Callable[[int], int] = os.nice
) -> bool:
    """Let this process give way to the others, unless its family has the most to do.

    Parameters
    ----------
    family
        Which one this process trains.
    seconds
        Processor time by family, as far as it is known.
    nice
        Adds to the niceness of this process.

    Returns
    -------
    bool
        Whether it does.
    """
    if family not in seconds or seconds[family] == max(seconds.values()):
        return False
    nice(NICE)
    log.info(
        "%s took %.0f s of processor time last time; another goes first", family, seconds[family]
    )
    return True

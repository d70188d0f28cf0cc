"""Who goes first where families train at once on few cores: the one that has most to do.

Left to the system all get the same, and the longest ends alone on one core while the others idle.
"""

import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from satispy.core.errors import ArtifactDamaged
from satispy.registry import runs

NICE = 5
"""Gives way without standing still: a third of the time of one that does not."""

log = logging.getLogger(__name__)


def seconds_of_last(runs_folder: Path, families: list[str]) -> dict[str, float]:
    """Return the processor time of the last training of each family, where it is known."""
    found: dict[str, float] = {}
    for family in families:
        try:
            last = runs.last_training(runs_folder, family, "processor_seconds")
        except (ArtifactDamaged, OSError) as error:  # a family that is damaged stops no other
            log.warning("it is not known how long %s took last time: %s", family, error)
            continue
        if last is not None:
            found[family] = last[1]["processor_seconds"]
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

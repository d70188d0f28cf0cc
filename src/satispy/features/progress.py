"""Progress in a log that no terminal draws: a line per twentieth, with a bar and the time left."""

import logging
import re
import time
from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Receives the name of the step, what is done, and out of how much."""

_ITERATION = re.compile(r"Iteration (\d+)/(\d+)")
_WIDTH = 20

_LOG = logging.getLogger(__name__)


class ProgressLines:
    """Turns reports of progress into few lines, such as this one.

    ``word vectors [###########---------] 55 % iteration 6 of 10, about 12 s left``.

    Parameters
    ----------
    what
        What is being made.
    say
        Receives each line.
    now
        Seconds of a clock that only goes forward.
    """

    def __init__(
        self, what: str, say: Callable[[str], None], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._what, self._say, self._now = what, say, now
        self._stage: str | None = None
        self._told = -1
        self._began = (0.0, 0.0)

    def __call__(self, step: str, done: int, total: int) -> None:
        """Take a report: one of several iterations counts as a part of the whole."""
        share = min(1.0, done / total) if total > 0 else 1.0
        stage = detail = step
        if found := _ITERATION.fullmatch(step):
            number, count = int(found[1]), int(found[2])
            share = (number - 1 + share) / count
            stage, detail = "iterations", f"iteration {number} of {count}"
        moment = self._now()
        if stage != self._stage:
            self._stage, self._told, self._began = stage, -1, (moment, share)
        reached = int(share * _WIDTH + 1e-9)
        if reached <= self._told:
            return
        self._told = reached
        bar = "#" * reached + "-" * (_WIDTH - reached)
        left = self._left(moment, share)
        self._say(f"{self._what} [{bar}] {100 * share:.0f} % {detail}{left}")

    def _left(self, moment: float, share: float) -> str:
        began, first = self._began
        if share >= 1 or share <= first or moment <= began:
            return ""
        return f", about {(moment - began) / (share - first) * (1 - share):.0f} s left"


def logged_progress(what: str) -> Progress:
    """Return a receiver of progress that writes to the log."""
    return ProgressLines(what, _LOG.info)

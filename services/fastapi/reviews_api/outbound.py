"""Places for requests that ask others over the network, so that none of them holds up the rest."""

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from satispy.core.errors import SatispyError

T = TypeVar("T")


class Outbound:
    """A few threads for one server that may hang, and a short queue before them.

    Parameters
    ----------
    at_once
        Questions that are asked at the same time.
    most_waiting
        Questions that wait for a thread; one more is refused at once.
    refuse
        Makes that refusal.
    """

    def __init__(self, at_once: int, most_waiting: int, refuse: Callable[[], SatispyError]) -> None:
        self._slots = CapacityLimiter(at_once)
        self._most_waiting = most_waiting
        self._refuse = refuse

    async def run(self, work: Callable[[], T]) -> T:
        """Do what asks the server, in a thread."""
        if self._slots.statistics().tasks_waiting >= self._most_waiting:
            raise self._refuse()
        return await run_sync(work, limiter=self._slots)

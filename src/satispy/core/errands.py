"""What nobody waits for: small writes beside an answer, such as when a key was last used."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from satispy.core.errors import SatispyError

log = logging.getLogger(__name__)

Errand = Callable[[], None]


class Errands:
    """Runs errands one after the other in a thread of its own; what fails is logged.

    Parameters
    ----------
    most_waiting
        Errands beyond it are dropped: each is one that the next request brings again.
    """

    def __init__(self, most_waiting: int = 100) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="errands")
        self._room = threading.BoundedSemaphore(most_waiting)

    def submit(self, errand: Errand) -> None:
        """Have an errand run soon."""
        if self._room.acquire(blocking=False):
            self._pool.submit(_run, errand).add_done_callback(self._done)

    def close(self) -> None:
        """Wait for the errand that is running, and leave out the others."""
        self._pool.shutdown(cancel_futures=True)

    def _done(self, errand: "Future[None]") -> None:
        self._room.release()
        if not errand.cancelled() and (defect := errand.exception()) is not None:
            log.error("an errand failed", exc_info=defect)


class Again:
    """Runs an errand again and again, in a thread of its own; it must not raise.

    Parameters
    ----------
    name
        Of the thread.
    errand
        What is run.
    every
        Seconds between two runs.
    after
        Seconds before the first.
    """

    def __init__(self, name: str, errand: Errand, every: float, *, after: float = 0.0) -> None:
        self._errand = errand
        self._every = every
        self._after = after
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def close(self, patience: float) -> None:
        """Let it end; wait so many seconds for an errand that is under way."""
        self._closing.set()
        self._thread.join(patience)

    def _work(self) -> None:
        wait = self._after
        while not self._closing.wait(wait):
            self._errand()
            wait = self._every


def at_once(errand: Errand) -> None:
    """Run an errand now: for those who end soon, as a command does."""
    _run(errand)


def _run(errand: Errand) -> None:
    try:
        errand()
    except SatispyError as error:  # the answer that brought it is out; another one brings it again
        log.warning("not written: %s", error)

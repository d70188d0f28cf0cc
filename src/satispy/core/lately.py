"""Answers that are remembered for a moment, so that many who ask cost no more than one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from copy import copy
from typing import TypeVar, cast

from satispy.core.errors import SatispyError

REMEMBERED_SECONDS = 1.0

Answer = TypeVar("Answer")


class Lately:
    """Answers of the last second, failures among them; one question at a time.

    Parameters
    ----------
    now
        Seconds that only grow.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._known: dict[Hashable, tuple[float, object]] = {}

    def ask(self, key: Hashable, question: Callable[[], Answer]) -> Answer:
        """Return what the question was answered with lately, or is now."""
        with self._lock:
            self._known = {k: v for k, v in self._known.items() if v[0] > self._now()}
            if key not in self._known:
                found: object
                try:
                    found = question()
                except SatispyError as error:
                    found = error
                self._known[key] = (self._now() + REMEMBERED_SECONDS, found)
            found = self._known[key][1]
        if isinstance(found, SatispyError):
            raise copy(found) from found  # each who waits gets a traceback of its own
        return cast(Answer, found)

    def forget(self) -> None:
        """Let everything be asked anew."""
        with self._lock:
            self._known = {}

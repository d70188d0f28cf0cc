"""Refusals of one address, counted, so that a flood of them fills neither trail nor memory."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from satispy.workflows.audit import Act
from satispy.workflows.sign_in_limits import network_of

WINDOW_SECONDS = 60.0
MOST_ADDRESSES = 1024
ELSEWHERE = "many addresses"


@dataclass
class _Window:
    first: Act
    until: float
    more: Counter[str] = field(default_factory=Counter)


class RefusedOften:
    """The first refusal of an address passes; what follows within a minute is counted.

    When the minute is over, one more record tells how many there were. It is written as soon as
    anything else is recorded, asked for, or the process ends.

    Parameters
    ----------
    now
        Seconds that only grow.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._windows: dict[str, _Window] = {}

    def passed(self, act: Act) -> list[Act]:
        """Return what is to be recorded now that this was refused."""
        ended = self.ended()
        source = network_of(act.source)  # of IPv6 one customer has 2^64
        if source not in self._windows and len(self._windows) >= MOST_ADDRESSES:
            source = ELSEWHERE
        window = self._windows.get(source)
        if window is None:
            first = replace(act, source=source) if source == ELSEWHERE else act
            self._windows[source] = _Window(first, self._now() + WINDOW_SECONDS)
            return [*ended, act]
        window.more[act.outcome] += 1
        return ended

    def ended(self, *, all_of_them: bool = False) -> list[Act]:
        """Return the closing records of the minutes that are over."""
        now = self._now()
        over = [source for source, one in self._windows.items() if all_of_them or one.until <= now]
        return [act for source in over if (act := _closing(self._windows.pop(source))) is not None]


def _closing(window: _Window) -> Act | None:
    if not window.more:
        return None
    counts = ", ".join(f"{count} × {outcome}" for outcome, count in sorted(window.more.items()))
    return Act(
        who="",
        role="",
        source=window.first.source,
        request_id=window.first.request_id,
        act="refused",
        outcome=f"{window.more.total()} more",
        detail=f"within {WINDOW_SECONDS:g} s of record with this request id: {counts}",
    )

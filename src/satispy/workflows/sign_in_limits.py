"""Limits on failed sign-ins, as one process applies them: counts in memory, written by the second.

A failure must not cost a synchronised write: fifty a second would take the disk from the uploads.
So a process counts at once in memory and writes what has gathered in one transaction; until then
the other workers do not know of it, which lets an attacker gain about a second.
"""

import logging
import math
from collections import Counter, OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from satispy.accounts.failures import (
    KNOWN_AGAIN,
    Count,
    FailedSignIns,
    Limits,
    Places,
    Standing,
    failed_again,
    network_of,
    standing,
)
from satispy.core.errors import TooManyAttempts
from satispy.core.settings import Settings

__all__ = ["FailedSignIns", "Limits", "Places", "SignInLimits", "Standing", "network_of"]

MOST_SEEN = 20_000  # places; some 10 MB
SWEEP_EVERY = timedelta(minutes=1)

log = logging.getLogger(__name__)


def limits_of(settings: Settings) -> Limits:
    """Return the limits that the settings name."""
    return Limits(settings.sign_in_failures, timedelta(seconds=settings.sign_in_window_seconds))


@dataclass(frozen=True)
class Batch:
    """Failures by place, and the pairs that signed in."""

    failures: Counter[str]
    known: set[str]


class SignInLimits:
    """Asks the counts before an attempt, and tells them of its end.

    Parameters
    ----------
    failures
        The counts of the home, shared by all workers.
    """

    def __init__(self, failures: FailedSignIns) -> None:
        self._failures = failures
        # What was last read, and what failed here since: it also answers the next refusals.
        self._seen: OrderedDict[str, Count] = OrderedDict()
        self._unwritten: Counter[str] = Counter()
        self._being_written: Counter[str] = Counter()
        self._known: set[str] = set()
        self._swept_at: datetime | None = None

    @property
    def unwritten(self) -> bool:
        """Whether there is something to write."""
        return bool(self._unwritten or self._known)

    def ask_memory(self, places: Places) -> Standing:
        """Judge by what this process knows, without reading anything.

        Raises
        ------
        TooManyAttempts
            If the attempt may not be made now.
        """
        now = self._failures.now()
        found = standing(places, self._seen, self._failures.limits, now)
        if found.blocked_until is not None:
            wait = max(1, math.ceil((found.blocked_until - now).total_seconds()))
            raise TooManyAttempts(
                f"too many sign-ins have failed; expected the next one in {wait} s", wait
            )
        return found

    def read(self, places: Places) -> dict[str, Count]:
        """Read what all workers have written; for a thread, as it asks the database."""
        return self._failures.counts(places.all())

    def ask(self, places: Places, read: dict[str, Count]) -> Standing:
        """Judge by what was read and what was not written yet; raises as `ask_memory` does."""
        now = self._failures.now()
        for place in places.all():
            count = read.get(place)
            if times := self._unwritten[place] + self._being_written[place]:
                count = failed_again(count, self._failures.limits, now, times)
            if count is not None:
                self._remember(place, count)
        return self.ask_memory(places)

    def failed(self, places: Places) -> None:
        """Count a failure, at once in memory."""
        now = self._failures.now()
        for place in places.all():
            self._unwritten[place] += 1
            counted = failed_again(self._seen.get(place), self._failures.limits, now)
            self._remember(place, counted)

    def succeeded(self, places: Places) -> None:
        """Note that this name signs in from this address; no failure is forgiven."""
        now = self._failures.now()
        seen = self._seen.get(places.pair)
        if seen is None or seen.known_at is None or now > seen.known_at + KNOWN_AGAIN:
            self._known.add(places.pair)
            self._remember(places.pair, replace(seen or Count(0, now, now), known_at=now))

    def take(self) -> Batch:
        """Take what is to be written; until `done` it still counts here."""
        batch = Batch(self._unwritten, self._known)
        self._unwritten, self._known = Counter(), set()
        self._being_written = batch.failures
        return batch

    def write(self, batch: Batch) -> None:
        """Write a batch, and forget what is old now and then; for a thread."""
        self._failures.write(batch.failures, batch.known)
        now = self._failures.now()
        if self._swept_at is None or now >= self._swept_at + SWEEP_EVERY:
            self._failures.sweep()
            self._swept_at = now

    def done(self, batch: Batch, error: Exception | None = None) -> None:
        """Count a batch as written; after an error it waits for the next time."""
        self._being_written = Counter()
        if error is not None:
            self._unwritten.update(batch.failures)
            self._known |= batch.known
            log.warning("failed sign-ins are not written yet: %s", error)

    def _remember(self, place: str, count: Count) -> None:
        self._seen[place] = count
        self._seen.move_to_end(place)
        while len(self._seen) > MOST_SEEN:
            self._seen.popitem(last=False)

"""Time as an argument, and the three ways in which we write it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""A function that returns an aware UTC datetime; tests pass their own."""


def system_clock() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """Write a moment for file names: ``20261121T024400.123456Z``; sorts as time does."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")


def iso(moment: datetime) -> str:
    """Write a moment for JSON: ISO 8601, UTC, microseconds, ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def date_heure(moment: datetime) -> str:
    """Write a moment for the ``Date-Heure`` column of the reports: UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")

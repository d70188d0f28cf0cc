from datetime import UTC, datetime, timedelta

import pytest


class StandingClock:
    """A clock that stands until it is set."""

    def __init__(self):
        self.now = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)

    def __call__(self):
        return self.now

    def goes_on(self, **time):
        self.now += timedelta(**time)


@pytest.fixture
def standing_clock():
    return StandingClock()

"""What all tests share: homes of their own, a clock that obeys, and the rule about skipping."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest


def missing(part: str, remedy: str) -> None:
    """Skip for want of a part, or fail where SATISPY_TEST_REQUIRE=all forbids to skip."""
    message = f"needs {part}: {remedy}"
    if os.environ.get("SATISPY_TEST_REQUIRE") == "all":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture
def reviews_folder() -> Path:
    """The folder of the real reviews."""
    folder = os.environ.get("SATISPY_REVIEWS")
    if not folder:
        # They are not ours to give away, so their absence is no failure even in CI.
        pytest.skip("needs the real reviews: set SATISPY_REVIEWS to their folder")
    return Path(folder)


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Give each test a home of its own and no setting of the caller's."""
    for name in list(os.environ):
        if name.startswith("SATISPY_") and name not in {"SATISPY_REVIEWS", "SATISPY_TEST_REQUIRE"}:
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    monkeypatch.setenv("SATISPY_HOME", str(home))
    return home


class SteppingClock:
    """A clock that goes on by one second whenever it is read."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()

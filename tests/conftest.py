"""What all tests share: homes of their own, a clock that obeys, and the rule about skipping."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # Airflow's environment, which uses this file too, has no psycopg
    from postgresql import PostgresqlServer

with suppress(ModuleNotFoundError):  # Airflow's environment has no hypothesis
    from hypothesis import HealthCheck, settings
    from hypothesis.internal.conjecture import providers

    # The same examples in every run: what passes here passes there. It would also draw constants of
    # those modules of ours that happen to be loaded: others in another order of the tests. How long
    # an example takes is the machine's affair, and no test's.
    settings.register_profile(
        "fixed", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    settings.load_profile("fixed")
    assert callable(providers._get_local_constants)
    providers._get_local_constants = lambda: providers._local_constants


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


@pytest.fixture(scope="session")
def postgresql() -> "Iterator[PostgresqlServer]":
    """A PostgreSQL server, started when a test asks for it."""
    from postgresql import postgresql_server

    with postgresql_server() as server:
        yield server


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of an S3 server, started when a test asks for it."""
    from object_server import object_server

    with object_server() as address:
        yield address


@pytest.fixture
def postgresql_url(postgresql: "PostgresqlServer") -> Iterator[str]:
    """The URL of an empty PostgreSQL database of the test's own; a string for child processes."""
    with postgresql.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a new database may be made: the test runs once on SQLite, once on PostgreSQL."""
    if request.param == "sqlite":
        return tmp_path / "x.sqlite3"
    url: str = request.getfixturevalue("postgresql_url")
    return url


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


@pytest.fixture(scope="session")
def trained_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after one whole retraining on synthetic reviews; to read, or to copy.

    Workers of one run share it: whoever asks first makes it, while the others wait.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    home, made = folder / "trained", folder / "trained.made"
    with (folder / "trained.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(home, ignore_errors=True)  # of one that failed half way
            _train(home)
            made.touch()
    return home / "home"


def _train(home: Path) -> None:
    from satispy.core.settings import Settings
    from satispy.demo.reviews import write_reviews
    from satispy.models.catalog import family_names
    from satispy.workflows.ingest import Delivery, ingest_file
    from satispy.workflows.opening import open_home
    from satispy.workflows.retraining.evaluate import evaluate
    from satispy.workflows.retraining.gate import gate
    from satispy.workflows.retraining.preprocess import preprocess
    from satispy.workflows.retraining.promote import promote
    from satispy.workflows.retraining.report import report
    from satispy.workflows.retraining.snapshot import snapshot
    from satispy.workflows.retraining.train import train

    settings = Settings(home=home / "home")
    first = write_reviews(home / "reviews")[0]
    with first.open("rb") as file, open_home(settings) as home_of_it:
        ingest_file(home_of_it, Delivery(file, first.name, "admin"))
    job = snapshot(settings, "manual__test")
    preprocess(settings, job)
    for family in family_names():
        train(settings, job, family)
    evaluate(settings, job)
    gate(settings, job)
    promote(settings, job)
    report(settings, job)

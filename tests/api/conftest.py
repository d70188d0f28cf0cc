import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from sqlalchemy import insert, select

from reviews_api.app import create_app
from satispy.accounts.users import USERS
from satispy.core.database import Database
from satispy.core.settings import Settings, load_settings
from satispy.workflows.opening import open_home

ADMIN = ("admin", "admin's password")
USER = ("alice", "alice's password")


@pytest.fixture(scope="session")
def home_with_users(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty home with an admin and a user, to copy.

    Hashing is slow by design. A hash carries its cost, so passwords that are hashed cheaply are
    verified cheaply; what a password costs in earnest is the tests' of the accounts.
    """
    home = tmp_path_factory.mktemp("users")
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with open_home(Settings(home=home)) as opened:
        for (name, password), role in ((ADMIN, "admin"), (USER, "user")):
            opened.users.add(name, password, role)
            change = USERS.update().where(USERS.c.name == name)
            with opened.database.writing() as connection:
                connection.execute(change.values(password_hash=cheap.hash(password)))
    return home


@pytest.fixture
def sqlite_home(home_with_users: Path, own_settings: Path) -> Path:
    """The test's own home, with users, on SQLite."""
    shutil.copytree(home_with_users, own_settings)
    return own_settings


@pytest.fixture
def postgresql_home(
    home_with_users: Path,
    own_settings: Path,
    postgresql_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """The test's own home, with users, on PostgreSQL."""
    monkeypatch.setenv("SATISPY_DATABASE_URL", postgresql_url)
    there, here = Database(Settings(home=home_with_users).paths.database), Database(postgresql_url)
    try:
        with there.reading() as source, here.writing() as target:
            users = source.execute(select(USERS)).mappings()
            target.execute(insert(USERS), [dict(user) for user in users])
    finally:
        there.close()
        here.close()
    return own_settings


@pytest.fixture
def home(sqlite_home: Path) -> Path:
    """Where the application works; a module may put another in its place."""
    return sqlite_home


@pytest.fixture
def open_api(home: Path) -> Iterator[Callable[[], TestClient]]:
    """Open the real application on the test's home, as the environment sets it; then close it."""
    assert load_settings().paths.home == home
    with ExitStack() as opened:
        yield lambda: opened.enter_context(
            TestClient(create_app(load_settings()), client=("192.0.2.7", 50_000))
        )


@pytest.fixture
def api(open_api: Callable[[], TestClient]) -> TestClient:
    return open_api()


@pytest.fixture
def wait_for_errands() -> Callable[[TestClient], None]:
    """Wait until what an application writes beside its answers is written."""

    def wait(api: TestClient) -> None:
        written = threading.Event()
        api.app.state.home.errands.submit(written.set)
        assert written.wait(60)

    return wait


@pytest.fixture
def admin() -> tuple[str, str]:
    return ADMIN


@pytest.fixture
def user() -> tuple[str, str]:
    return USER


@pytest.fixture
def served(trained_home: Path, own_settings: Path, user: tuple[str, str]) -> Iterator[TestClient]:
    """The application on a home after a retraining, where every family serves; asked by a user."""
    shutil.copytree(trained_home, own_settings)
    settings = load_settings()
    with open_home(settings) as home:
        home.users.add(*user, "user")
    with TestClient(create_app(settings)) as client:
        client.auth = user
        yield client

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from reviews_api.app import create_app
from satispy.core.settings import Settings, load_settings
from satispy.workflows.opening import open_home

ADMIN = ("admin", "admin's password")
USER = ("alice", "alice's password")


@pytest.fixture(scope="session")
def home_with_users(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty home with an admin and a user, to copy: hashing passwords is slow by design."""
    home = tmp_path_factory.mktemp("users")
    with open_home(Settings(home=home)) as opened:
        opened.users.add(*ADMIN, "admin")
        opened.users.add(*USER, "user")
    return home


@pytest.fixture
def api(home_with_users: Path, own_settings: Path) -> Iterator[TestClient]:
    """The real application on a home of its own."""
    shutil.copytree(home_with_users, own_settings)
    with TestClient(create_app(load_settings())) as client:
        yield client


@pytest.fixture
def admin() -> tuple[str, str]:
    return ADMIN


@pytest.fixture
def user() -> tuple[str, str]:
    return USER

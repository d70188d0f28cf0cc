import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from crash.homes import Home
from crash.house import House, NewHouse, Place
from crash.nursery import Nursery
from crash.nursery import nursery as run_nursery


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """What starts the writers."""
    with run_nursery() as started:
        yield started


@pytest.fixture(params=["sqlite", "postgresql"])
def new_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Place]]:
    """Where a new database may be made, as often as the test likes."""
    numbers = count()
    with ExitStack() as stack:
        if request.param == "sqlite":
            yield lambda: tmp_path / f"{next(numbers)}.sqlite3"
        else:
            server = request.getfixturevalue("postgresql")
            yield lambda: stack.enter_context(server.database())


@pytest.fixture
def new_house(
    new_place: Callable[[], Place],
    tmp_path: Path,
    nursery: Nursery,
    caplog: pytest.LogCaptureFixture,
) -> NewHouse:
    """An empty base with its database, as often as the test likes."""
    numbers = count()

    def make() -> House:
        folder = tmp_path / f"house{next(numbers)}"
        folder.mkdir()
        return House(folder, new_place(), nursery, caplog)

    return make


@pytest.fixture
def house(new_house: NewHouse) -> House:
    return new_house()


@pytest.fixture(scope="session")
def home_with_an_admin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home to copy: hashing passwords is slow by design."""
    home = Home(tmp_path_factory.mktemp("crash") / "home")
    home.add_admin()
    return home.folder


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> str:
    """Which database; parametrised by the test."""
    return str(request.param)


@pytest.fixture
def home(
    request: pytest.FixtureRequest, kind: str, home_with_an_admin: Path, tmp_path: Path
) -> Home:
    """A home for a really serving API."""
    if kind == "postgresql":
        home = Home(tmp_path / "served", request.getfixturevalue("postgresql_url"))
        home.add_admin()
        return home
    return Home(Path(shutil.copytree(home_with_an_admin, tmp_path / "served")))

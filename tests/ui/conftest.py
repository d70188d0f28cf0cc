"""What the tests of the page share."""

from collections.abc import Iterator
from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from ui.base_server import Base
from ui.reviews_server import ApiState, running
from ui.visitor import APP


@pytest.fixture(scope="session", autouse=True)
def installed_components() -> Iterator[None]:
    """Let Streamlit look for components in the installed packages once, not for each page: 2 s."""
    with pytest.MonkeyPatch.context() as patch:
        scan = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture(autouse=True)
def answers_stay_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the answers of the API for as long as a test takes, however busy the machine is."""
    monkeypatch.setattr("reviews_ui.session.FRESH_SECONDS", 3600)


@pytest.fixture
def api_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiState]:
    """Run the small API, with the page's setting pointing at it."""
    with running(ApiState()) as state:
        monkeypatch.setenv("SATISPY_API_URL", state.url)
        yield state


@pytest.fixture
def page(api_server: ApiState, request: pytest.FixtureRequest) -> AppTest:
    """Open the page, as a stranger with a French browser."""
    return AppTest.from_file(request.config.rootpath / APP, default_timeout=90).run()


@pytest.fixture
def base(api_server: ApiState) -> Base:
    """Have the small API answer of the base too."""
    answers = Base()
    answers.serve(api_server)
    return answers

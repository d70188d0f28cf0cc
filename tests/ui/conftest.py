"""What the tests of the page share."""

from collections.abc import Iterator

import pytest

from ui.reviews_server import ApiState, running


@pytest.fixture
def api_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiState]:
    """Run the small API, with the page's setting pointing at it."""
    with running(ApiState()) as state:
        monkeypatch.setenv("SATISPY_API_URL", state.url)
        yield state

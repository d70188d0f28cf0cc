from pathlib import Path
from types import SimpleNamespace

import pytest

from card_making import runs_of, what_makes_a_card
from satispy.models.catalog import family_names


@pytest.fixture(scope="session")
def homes(trained_home: Path) -> dict[str, Path]:
    """The folder of each family's run after one whole retraining."""
    return runs_of(trained_home)


@pytest.fixture(params=family_names())
def folder(request: pytest.FixtureRequest, homes: dict[str, Path]) -> Path:
    """The folder of a run, of each family in turn."""
    return homes[request.param]


@pytest.fixture
def given(homes: dict[str, Path]) -> SimpleNamespace:
    """What a card is made of, to change."""
    return what_makes_a_card(homes["gbc"])

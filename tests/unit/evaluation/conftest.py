"""Reviews whose label is nearly their source, as the real ones are."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from satispy.evaluation.slices import Traits


@pytest.fixture
def two_sources() -> tuple[npt.NDArray[np.int8], Traits]:
    """Labels and traits: one source is 9 in 10 positive, a smaller one 9 in 10 negative."""
    chance = np.random.default_rng(7)
    n = 1000
    shop = chance.random(n) < 0.7
    labels = (chance.random(n) < np.where(shop, 0.9, 0.1)).astype(np.int8)
    star = np.where(labels == 1, chance.integers(3, 6, n), chance.integers(1, 3, n))
    traits = Traits(
        texts=np.arange(n),
        source=["TrustedShop" if one else "TrustPilot" for one in shop],
        company=chance.choice(["ShowRoom", "VeePee", ""], n).tolist(),
        star=star.astype(np.int64),
        words=chance.integers(0, 90, n),
        date=[f"{year}-05-01" for year in chance.integers(2018, 2022, n)],
    )
    return labels, traits


@pytest.fixture
def chances() -> Callable[[npt.NDArray[np.int8], float], npt.NDArray[np.float32]]:
    """Make the probabilities of a model of which a share of the answers is right."""

    def make(labels: npt.NDArray[np.int8], right: float) -> npt.NDArray[np.float32]:
        chance = np.random.default_rng(9)
        sure = chance.uniform(0.55, 0.99, len(labels))
        correct = chance.random(len(labels)) < right
        return np.where(correct == (labels == 1), sure, 1 - sure).astype(np.float32)

    return make

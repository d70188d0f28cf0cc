"""What the end-to-end tests share: one tour serves the files that only look at it and add to it."""

import pytest

from e2e.product import running_product


@pytest.fixture(scope="session")
def product(tmp_path_factory):
    with running_product(tmp_path_factory.mktemp("e2e") / "home") as running:
        yield running

"""A platform of `make prod` that runs, and is broken on purpose.

Nothing here starts one, for that takes minutes: SATISPY_PRODUCTION names the checkout in which
`make init` and `make prod` were run. Its data are the test's; do not name one that is in use.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from running_platform import Platform


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """The platform that runs."""
    root = os.environ.get("SATISPY_PRODUCTION")
    if not root:
        # It takes an engine and minutes, which no machine of the suite is asked for.
        pytest.skip("needs a running platform: SATISPY_PRODUCTION=checkout of make init, make prod")
    found = Platform(Path(root))
    yield found
    found.api.close()

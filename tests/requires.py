"""The rule about skipping."""

import os
from typing import NoReturn

import pytest


def missing(part: str, remedy: str) -> NoReturn:
    """Skip for want of a part, or fail where SATISPY_TEST_REQUIRE=all forbids to skip."""
    message = f"needs {part}: {remedy}"
    if os.environ.get("SATISPY_TEST_REQUIRE") == "all":
        pytest.fail(message)
    pytest.skip(message)

"""Small helps for reading answers."""

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


def maybe(kind: Callable[[Any], T], value: Any) -> T | None:
    """Return the value as `kind`, or None where the answer has none."""
    return None if value is None else kind(value)

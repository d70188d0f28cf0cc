"""A page of a long list, as the API gives it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from reviews_ui.api.connection import Json

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some of `total` items, newest first."""

    items: tuple[Item, ...]
    page: int
    page_size: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are; one where there is nothing."""
        return max(1, -(-self.total // self.page_size))


def page_of(parse: Callable[[Json], Item]) -> Callable[[Json], Page[Item]]:
    """Return what reads a page whose items `parse` reads."""

    def read(body: Json) -> Page[Item]:
        return Page(
            tuple(parse(item) for item in body["items"]),
            int(body["page"]),
            int(body["page_size"]),
            int(body["total"]),
        )

    return read

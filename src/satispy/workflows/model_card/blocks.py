"""What a card's texts are made of, whatever they are written as."""

from collections.abc import Sequence
from dataclasses import dataclass


class Code(str):
    """A hash or a name that is to be read letter by letter."""

    __slots__ = ()


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Items:
    """A list of sentences."""

    items: Sequence[str]


@dataclass(frozen=True)
class Table:
    """A table; the first cell of a row names it.

    Attributes
    ----------
    caption
        What it shows.
    head
        Names of the columns; empty for a table of facts, a name and a value per row.
    rows
        As many cells as the head, or two.
    """

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Tiles:
    """The few numbers that one looks for first: name, value, and what to know of it."""

    items: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Figure:
    """A drawing as inline SVG, and the table of its numbers for whoever does not see it."""

    svg: str
    caption: str
    table: Table


Block = Text | Items | Table | Tiles | Figure


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Document:
    """A whole card."""

    title: str
    subtitle: str
    warnings: Sequence[str]
    sections: Sequence[Section]

"""How the reviews of a base are spread over stars, sources, lengths and months; from columns alone.

See `satispy.data.columns`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from satispy.data.columns import UNDATED, Block, Column

LARGEST_COMPANIES = 20
EDGES = (0, 50, 100, 200, 400, 800, 1600)
"""Characters at which the classes of length begin; the last has no end."""

STARS = range(1, 6)


@dataclass(frozen=True)
class Month:
    """A month, as ``YYYY-MM``, its reviews and the mean of their stars."""

    month: str
    rows: int
    mean_star: float


@dataclass(frozen=True)
class Length:
    """Texts of so many characters, both ends included; the longest class has no end."""

    begin: int
    end: int | None
    rows: int


@dataclass(frozen=True)
class Statistics:
    """How reviews are spread.

    Attributes
    ----------
    rows
        All reviews.
    stars
        Reviews by star, 1 to 5.
    sources
        Reviews by source, the largest first.
    companies
        The largest ones, the largest first; `other_companies` holds the reviews of all others.
    lengths
        Reviews by length, the shortest first.
    months
        Reviews by month, the oldest first; months without any are left out.
    undated
        Reviews without a date.
    """

    rows: int
    stars: dict[int, int]
    sources: list[tuple[str, int]]
    companies: list[tuple[str, int]]
    other_companies: int
    lengths: list[Length]
    months: list[Month]
    undated: int


def statistics_of(blocks: Sequence[Block]) -> Statistics:
    """Count the rows of some blocks."""
    stars = np.zeros(len(STARS) + 1, np.int64)
    lengths = np.zeros(len(EDGES), np.int64)
    sources: Counter[str] = Counter()
    companies: Counter[str] = Counter()
    months: Counter[int] = Counter()
    sums: Counter[int] = Counter()
    undated = 0
    for block in blocks:
        stars += np.bincount(block.stars, minlength=len(stars))
        places = np.searchsorted(EDGES, block.lengths, side="right") - 1
        lengths += np.bincount(places, minlength=len(lengths))
        sources.update(_named(block.sources, block.source_names))
        companies.update(_named(block.companies, block.company_names))
        dated = block.days != UNDATED
        undated += int(len(block) - dated.sum())
        if dated.any():
            of_month = block.days[dated].astype("datetime64[D]").astype("datetime64[M]")
            each, place = np.unique(of_month.astype(np.int64), return_inverse=True)
            months.update(dict(zip(each.tolist(), np.bincount(place).tolist(), strict=True)))
            of_stars = np.bincount(place, weights=block.stars[dated]).tolist()
            sums.update(dict(zip(each.tolist(), of_stars, strict=True)))
    ordered = _largest_first(companies)
    return Statistics(
        rows=sum(map(len, blocks)),
        stars={star: int(stars[star]) for star in STARS},
        sources=_largest_first(sources),
        companies=ordered[:LARGEST_COMPANIES],
        other_companies=sum(rows for _, rows in ordered[LARGEST_COMPANIES:]),
        lengths=[
            Length(begin, end, int(rows))
            for begin, end, rows in zip(
                EDGES, [*(edge - 1 for edge in EDGES[1:]), None], lengths, strict=True
            )
        ],
        months=[
            Month(str(np.datetime64(number, "M")), rows, round(sums[number] / rows, 4))
            for number, rows in sorted(months.items())
        ],
        undated=undated,
    )


def _named(column: Column, names: Sequence[str]) -> dict[str, int]:
    counts = np.bincount(column, minlength=len(names)).tolist()
    return {name: rows for name, rows in zip(names, counts, strict=True) if rows}


def _largest_first(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))

"""Distributions as tables with bars: read by eye, by screen reader, copied into a sheet."""

from collections.abc import Iterable, Sequence
from html import escape

from reviews_ui.api.reviews import Count, Month, Statistics
from reviews_ui.i18n import decimal, percent, t, whole
from reviews_ui.listing import Html, bar, listing
from reviews_ui.listing import stars as drawn_stars

MOST_SOURCES = 12
MOST_MONTHS = 600
"""A wrong date far away would leave no width to the others."""
BEST_STAR, WORST_STAR = 5, 1


def stars(spread: Statistics) -> str:
    """Return the reviews by star, the best first."""
    counts = sorted(spread.stars, key=lambda one: one.name or "", reverse=True)
    rows = [(drawn_stars(int(one.name or 0)), one.rows) for one in counts]
    return _bars(t("spread.stars"), t("review.star"), rows, spread.rows)


def sources(spread: Statistics) -> str:
    """Return the reviews by source, the largest first; what is beyond a dozen, together."""
    few = spread.sources[:MOST_SOURCES]
    rest = sum(one.rows for one in spread.sources[MOST_SOURCES:])
    rows = _named([*few, *([Count(None, rest)] if rest else [])])
    return _bars(t("spread.sources"), t("review.source"), rows, spread.rows)


def companies(spread: Statistics) -> str:
    """Return the reviews by company, the largest first."""
    return _bars(t("spread.companies"), t("search.company"), _named(spread.companies), spread.rows)


def lengths(spread: Statistics) -> str:
    """Return the reviews by their number of characters."""
    rows = [
        (
            t("spread.beyond", start=whole(start))
            if end is None
            else t("spread.between", start=whole(start), end=whole(end)),
            count,
        )
        for start, end, count in spread.lengths
    ]
    return _bars(t("spread.lengths"), t("spread.characters"), rows, spread.rows)


def months(spread: Statistics) -> str:
    """Return the months as two rows of columns, how many and how good, and as a table to unfold."""
    found = without_gaps(spread.months)
    most = max(one.rows for one in found)
    ends = f"<span>{escape(found[0].month)}</span><span>{escape(found[-1].month)}</span>"
    counts = _columns(found, [one.rows / most for one in found], "")
    means = _columns(
        found,
        [max(0.0, (one.mean_star - WORST_STAR) / (BEST_STAR - WORST_STAR)) for one in found],
        "sp-dot",
    )
    table = listing(
        t("spread.months"),
        [
            (t("spread.month"), ""),
            (t("spread.rows"), "sp-num"),
            (t("spread.mean"), "sp-num"),
        ],
        [
            (one.month, whole(one.rows), decimal(one.mean_star, 2))
            for one in reversed(spread.months)
        ],
    )
    return (
        f'<figure class="sp-months"><figcaption>{escape(t("spread.rows.most", rows=whole(most)))}'
        f"</figcaption>{counts}<figcaption>{escape(t('spread.mean.scale'))}</figcaption>{means}"
        f'<div class="sp-line sp-small">{ends}</div></figure>'
        f'<details class="sp-more"><summary>{escape(t("spread.table"))}</summary>{table}</details>'
    )


def without_gaps(months: Sequence[Month]) -> list[Month]:
    """Return the months in their order, those without any review too, so that time runs evenly."""
    known = {one.month: one for one in months}
    first, last = (_number(one.month) for one in (months[0], months[-1]))
    if last - first > MOST_MONTHS:
        return list(months)
    names = (f"{number // 12:04}-{number % 12 + 1:02}" for number in range(first, last + 1))
    return [known.get(name, Month(name, 0, 0.0)) for name in names]


def _number(month: str) -> int:
    year, _, number = month.partition("-")
    return 12 * int(year) + int(number) - 1


def _columns(found: Sequence[Month], shares: Iterable[float], kind: str) -> str:
    """Return columns for the eye; the table below says the same to everybody."""
    columns = "".join(
        f'<i title="{escape(_told(one))}"><b style="height:{100 * share:.1f}%"></b></i>'
        if one.rows
        else "<i></i>"
        for one, share in zip(found, shares, strict=True)
    )
    return f'<div class="sp-columns {kind}" aria-hidden="true">{columns}</div>'


def _told(one: Month) -> str:
    return t(
        "spread.month.told", month=one.month, rows=whole(one.rows), mean=decimal(one.mean_star, 2)
    )


def _named(counts: Iterable[Count]) -> list[tuple[str, int]]:
    return [
        (t("spread.others") if one.name is None else one.name or t("spread.nameless"), one.rows)
        for one in counts
    ]


def _bars(label: str, title: str, rows: Sequence[tuple[str | Html, int]], total: int) -> str:
    most = max([1, *(count for _, count in rows)])
    return listing(
        label,
        [
            (title, "sp-name"),
            (t("spread.rows"), "sp-num"),
            (t("spread.share"), "sp-num"),
            ("", "sp-wide"),
        ],
        [(name, whole(count), percent(count / total), bar(count / most)) for name, count in rows],
    )

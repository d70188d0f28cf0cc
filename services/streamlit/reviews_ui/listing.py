"""A table of our own, as HTML: headed, scrolling, reached by the keyboard."""

from collections.abc import Iterable, Sequence
from datetime import date
from html import escape

from reviews_ui.i18n import french, moment

FOLDED_FROM = 400  # characters
SHOWN = 280


class Html(str):
    """Text that is HTML already, made by us."""


def listing(
    label: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[str | Html]]
) -> str:
    """Return a table.

    Parameters
    ----------
    label
        What it is, for those who do not see it.
    columns
        Title and style class of each: ``sp-num``, ``sp-name``, ``sp-text`` or nothing. A column
        of bars, which repeats a number for the eye, has no title.
    rows
        Cells; what is no `Html` is escaped.
    """
    head = "".join(
        f'<th scope="col" class="{kind}">{escape(title)}</th>' if title else "<td></td>"
        for title, kind in columns
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="{kind}">{cell if isinstance(cell, Html) else escape(cell)}</td>'
            for (_, kind), cell in zip(columns, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="sp-table" tabindex="0" role="region" aria-label="{escape(label)}"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def written(text: str) -> Html:
    """Return what a person wrote, in the direction that its own script has; if long, to unfold."""
    if len(text) <= FOLDED_FROM:
        return Html(f'<span dir="auto">{escape(text)}</span>')
    begin = text[:SHOWN].rsplit(maxsplit=1)[0]
    return Html(
        f'<details><summary dir="auto">{escape(begin)} …</summary>'
        f'<div dir="auto">{escape(text)}</div></details>'
    )


def when(stamp: str) -> Html:
    """Return a moment that does not break over two lines."""
    return Html(f'<span class="sp-keep">{escape(moment(stamp, seconds=False))}</span>')


def day(stamp: str) -> Html:
    """Return a day as the visitor's language writes it; what is none, as it is."""
    try:
        found = date.fromisoformat(stamp)
    except ValueError:
        return Html(escape(stamp))
    return Html(f'<span class="sp-keep">{found:{"%d/%m/%Y" if french() else "%Y-%m-%d"}}</span>')


def stars(number: int) -> Html:
    """Return a number of stars, drawn and said."""
    drawn = "★" * number + "☆" * (5 - number)
    return Html(f'<span class="sp-stars" role="img" aria-label="{number}/5">{drawn}</span>')


def bar(share: float) -> Html:
    """Return a bar for a share of 1; the number itself stands beside it."""
    width = 100 * min(max(share, 0.0), 1.0)
    return Html(
        f'<div class="sp-bar" aria-hidden="true"><div style="width:{width:.1f}%"></div></div>'
    )

"""The text as the models read it: each word coloured and underlined by what it contributes."""

from collections.abc import Iterable, Sequence
from html import escape

from reviews_ui.api.predictions import Contribution
from reviews_ui.i18n import decimal, t
from reviews_ui.listing import Html, listing
from reviews_ui.words import Stretch, stretches, strongest

SAID_FROM = 2
"""The level from which on a screen reader is told a word's contribution as well."""
MOST_LISTED = 10


def points(weight: float) -> str:
    """Write a contribution in percentage points: ``0.123`` gives ``+12,3``."""
    return ("+" if weight > 0 else "−") + decimal(abs(100 * weight))


def coloured(text: str, words: Sequence[Contribution]) -> str:
    """Return the text, with a word's colour and underline saying what it contributes.

    Blue with a solid line raises the probability, orange with a wavy one lowers it; the line is
    the thicker the more. So neither hangs on a colour.
    """
    parts = "".join(map(_part, stretches(text, words)))
    return f'<p class="sp-quote sp-explained" dir="auto" tabindex="0">{parts}</p>'


def _part(part: Stretch) -> str:
    if part.level == 0:
        return escape(part.text)
    kind = "up" if part.weight > 0 else "down"
    said = escape(t("explain.points", points=points(part.weight)))
    aside = f'<span class="sp-said"> ({said})</span>' if part.level >= SAID_FROM else ""
    return (
        f'<span class="sp-word sp-{kind} sp-level-{part.level}" title="{said}">'
        f"{escape(part.text)}{aside}</span>"
    )


def legend() -> str:
    """Return what the colours and lines mean."""
    signs = "".join(
        f'<span><span class="sp-word sp-{kind} sp-level-3" aria-hidden="true">{sign}</span> '
        f"{escape(t(f'explain.{kind}'))}</span>"
        for kind, sign in (("up", "abc"), ("down", "abc"))
    )
    return f'<div class="sp-legend">{signs}<span>{escape(t("explain.thick"))}</span></div>'


def ranking(words: Iterable[Contribution]) -> str:
    """Return the words that count most as a table; nothing where none does."""
    told = strongest(words, MOST_LISTED)
    if not told:
        return ""
    greatest = max(abs(one.weight) for one in told)
    return listing(
        t("explain.ranking"),
        [(t("explain.word"), ""), (t("explain.effect"), "sp-num"), ("", "sp-wide")],
        [
            (
                Html(f"<bdi>{escape(one.word)}</bdi>"),
                Html(_effect(one)),
                _bar(one, greatest),
            )
            for one in told
        ],
    )


def _effect(one: Contribution) -> str:
    mark = "▲" if one.weight > 0 else "▼"
    return f'<span class="sp-keep">{mark} {escape(points(one.weight))}</span>'


def _bar(one: Contribution, greatest: float) -> Html:
    kind = "up" if one.weight > 0 else "down"
    width = 100 * abs(one.weight) / greatest
    return Html(
        f'<div class="sp-bar sp-bar-{kind}" aria-hidden="true">'
        f'<div style="width:{width:.1f}%"></div></div>'
    )

"""The visitor's language: texts from `locale/<language>/*.toml`, and how it writes numbers.

A catalogue is a flat table of texts; the file is the page, the key what the code asks for. French
is the reference, and English has the same keys with the same fields (a test compares them).
"""

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import streamlit as st

LANGUAGES = {"fr": "Français", "en": "English"}
FALLBACK = "fr"
LOCALE = Path(__file__).parents[1] / "locale"
CHOSEN = "language"
"""Where the session keeps the language that the visitor chose."""

THIN_SPACE = "\u202f"  # between thousands, in French
NO_BREAK = "\u00a0"  # before the percent sign, in French

_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)


def language() -> str:
    """Return the visitor's language: the chosen one, else the browser's, else French."""
    if (spoken := _spoken.get()) is not None:
        return spoken
    chosen = st.session_state.get(CHOSEN)
    return chosen if chosen in LANGUAGES else of_browser(st.context.locale)


def of_browser(locale: str | None) -> str:
    """Return the language of a browser's locale: French for its speakers, English for others.

    >>> of_browser("fr-CA"), of_browser("de-DE"), of_browser(None)
    ('fr', 'en', 'fr')
    """
    if not locale:
        return FALLBACK
    return "fr" if locale.lower().partition("-")[0] == "fr" else "en"


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Speak one language while the block runs, whatever the visitor's: for files and tests."""
    before = _spoken.set(name)
    try:
        yield
    finally:
        _spoken.reset(before)


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(name: str) -> Mapping[str, str]:
    """Return all texts of one language by their keys.

    Raises
    ------
    ValueError
        If two files hold the same key.
    """
    texts: dict[str, str] = {}
    for path in sorted((LOCALE / name).glob("*.toml")):
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        if twice := texts.keys() & found.keys():
            raise ValueError(f"expected each text once, but {path} repeats {sorted(twice)}")
        texts |= found
    return texts


def t(key: str, **values: object) -> str:
    """Return the text named `key` in the visitor's language, with its ``{fields}`` filled in.

    Raises
    ------
    KeyError
        If no such text exists, or a field of it got no value: a mistake in the page.
    """
    return catalogue(language())[key].format(**values)


def french() -> bool:
    """Return whether numbers and dates are to be written as French does."""
    return language() == "fr"


def percent(fraction: float, digits: int = 1) -> str:
    """Write a fraction of 1 as a percentage: ``0.884`` gives ``88,4 %``, or ``88.4%``."""
    number = f"{100 * fraction:.{digits}f}"
    return number.replace(".", ",") + f"{NO_BREAK}%" if french() else f"{number}%"


def percent_beside(fraction: float, other: float) -> str:
    """Write a fraction with as many digits as it takes to differ from `other`, up to four.

    A score of .79996 under a threshold of .8 must not read "80,0 %, sous le seuil de 80,0 %".
    """
    digits = 1
    while digits < 4 and fraction != other and percent(fraction, digits) == percent(other, digits):
        digits += 1
    return percent(fraction, digits)


def decimal(number: float, digits: int = 1) -> str:
    """Write a number with its decimals: ``12.34`` gives ``12,3``, or ``12.3``."""
    written = f"{number:.{digits}f}"
    return written.replace(".", ",") if french() else written


def whole(number: int) -> str:
    """Write a whole number with its thousands apart: ``15703`` gives ``15 703``, or ``15,703``."""
    written = f"{number:,}"
    return written.replace(",", THIN_SPACE) if french() else written


def moment(stamp: str, *, seconds: bool = True) -> str:
    """Write ``2026-11-21 02:43:10`` (or ISO 8601) as ``21/11/2026 02:43:10``, or as it is.

    English keeps the year first: day and month would be mistaken for each other. What is no moment
    is returned unchanged.
    """
    try:
        found = datetime.fromisoformat(stamp)
    except ValueError:
        return stamp
    day = "%d/%m/%Y" if french() else "%Y-%m-%d"
    return found.strftime(f"{day} %H:%M:%S" if seconds else f"{day} %H:%M")


def short_moment(stamp: str) -> str:
    """Write a moment for an axis: day and month over the time."""
    try:
        found = datetime.fromisoformat(stamp)
    except ValueError:
        return stamp
    return found.strftime("%d/%m<br>%H:%M" if french() else "%b %d<br>%H:%M")

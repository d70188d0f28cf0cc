"""What no log line may hold: secrets, known by their name, by their shape or by their value."""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from pydantic import SecretStr

MASK = "***"
SHORTEST_KNOWN = 4
"""Characters of a known secret; what is shorter stands in every other word."""

_NAMES = "authorization|passwd|password|pwd|secret|token|api[_-]?key|cookie|credential"
_SECRET_NAME = re.compile(rf"(?:{_NAMES})s?(?:$|[_-](?:value|hash)$)|(?:^|[_-])key$", re.IGNORECASE)
_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    # user:password@ in a URL; an '@' that the password should have written as %40 is one of it
    (re.compile(r"(\w[\w+.-]{0,30}://)[^\s/'\"<>]{0,500}@"), rf"\1{MASK}@"),
    (re.compile(r"\b((?i:basic|bearer)) +[A-Za-z0-9+/_.~-]{8,}=*"), rf"\1 {MASK}"),
    (re.compile(r"\bsat_([0-9a-f]{16})_[\w-]{20,}"), rf"sat_\1_{MASK}"),  # an API key of ours
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), MASK),  # a signed token (RFC 7519)
    (
        re.compile(
            rf"((?:{_NAMES}|\bkey)[\"']?\s*[=:]\s*)(?!\s)(?:\"[^\"]*\"|'[^']*'|[^\s\"'&,;)}}\]]+)",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
)


_TRIGGER = re.compile(r"[=:@ ]|eyJ|sat_")
"""In each of the shapes; most words have none of these, and every line has many words."""


def masked(text: str) -> str:
    """Return a text without what looks like a secret: URL credentials, headers, ``name=value``."""
    if _TRIGGER.search(text) is None:
        return text
    for pattern, instead in _SHAPES:
        text = pattern.sub(instead, text)
    return text


def masking(known: Iterable[str] = ()) -> Callable[[Any], Any]:
    """Return a function that masks texts, and texts in dicts and lists.

    Parameters
    ----------
    known
        Secrets of this process, masked wherever they stand, as they are or as a URL writes them.
    """
    values = {form for one in known for form in (one, quote(one, safe=""), repr(one)[1:-1])}
    longest_first = sorted(filter(lambda one: len(one) >= SHORTEST_KNOWN, values), key=len)[::-1]
    exact = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def clean(value: Any) -> Any:
        if isinstance(value, str):
            return masked(exact.sub(MASK, value) if exact else value)
        if isinstance(value, Mapping):
            return {
                name: MASK if _names_a_secret(str(name)) else clean(one)
                for name, one in value.items()
            }
        if isinstance(value, list | tuple | set | frozenset):
            return [clean(one) for one in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return clean(str(value))

    return clean


@lru_cache(maxsize=1024)
def _names_a_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None


class MaskedLines(logging.Formatter):
    """The plain lines of a command, without secrets."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and the traceback where there is one."""
        return masked(super().format(record))


def secrets_in(settings: Iterable[tuple[str, object]]) -> set[str]:
    """Return the secrets that settings hold; of a URL its password, for its host is none.

    Of a webhook the path is one too: whoever knows it may write there.
    """
    found = set()
    for name, value in settings:
        if isinstance(value, SecretStr):
            secret = value.get_secret_value()
            found |= {_password_in(secret)} if "://" in secret else {secret}
            if name == "webhook_url":
                found |= {secret, secret.partition("://")[2].partition("/")[2]}
    return found - {""}


def _password_in(url: str) -> str:
    try:
        return unquote(urlsplit(url).password or "")
    except ValueError:  # no URL after all, so nothing of it is shown
        return url

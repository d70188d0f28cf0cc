"""What the API says in English sentences, said in the visitor's language.

The English catalogue holds the API's sentences word for word (``told.*``), so each of them is also
the pattern that its fields are read by; a test has the platform say them all.
"""

import re
from functools import lru_cache
from string import Formatter

from reviews_ui.i18n import catalogue, french, t

FAMILY = "told."
BETWEEN = "; "
"""The API joins several reasons so."""
FREE = ("received", "reason", "runs", "problem")
"""Fields in which anything may stand, that mark too."""


def told(sentence: str) -> str:
    """Return a sentence of the API in the visitor's language; an unknown one as it is.

    >>> told("no one ever said this")
    'no one ever said this'
    """
    if not french():
        return sentence
    whole = _told(sentence)
    if whole is not None:
        return whole
    place = sentence.find(BETWEEN)
    while place >= 0:  # several sentences, or one that has the mark inside
        first, rest = _told(sentence[:place]), sentence[place + len(BETWEEN) :]
        if first is not None:
            return f"{first} ; {told(rest)}"
        place = sentence.find(BETWEEN, place + 1)
    return sentence


def _told(sentence: str) -> str | None:
    for key, pattern in patterns():
        found = pattern.fullmatch(sentence)
        if found is not None:
            fields = {name: _field(name, value) for name, value in found.groupdict().items()}
            return t(key, **fields)
    return None


def _field(name: str, value: str) -> str:
    if name == "reason":
        return told(value)
    if name == "kind" and f"kind.{value}" in catalogue("fr"):
        return t(f"kind.{value}")
    if re.fullmatch(r"-?\d*\.\d+", value):
        return re.sub(r"^(-?),", r"\g<1>0,", value.replace(".", ","))
    return value


@lru_cache(maxsize=1)
def patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Return key and pattern of each sentence; the one with most words of its own comes first."""
    sentences = {key: text for key, text in catalogue("en").items() if key.startswith(FAMILY)}
    found = []
    for key, text in sentences.items():
        parts = list(Formatter().parse(text))
        pattern = "".join(
            re.escape(said)
            + (f"(?P<{field}>{'.' if field in FREE else '[^;]'}+?)" if field else "")
            for said, field, *_ in parts
        )
        found.append((-sum(len(said) for said, *_ in parts), key, re.compile(pattern, re.DOTALL)))
    return [(key, pattern) for _, key, pattern in sorted(found, key=lambda one: one[:2])]

"""Where the words that the models read stand in the text that a person wrote.

The API cuts a text into words and folds them (case, accents as they are, other spellings of the
same character); here each stretch of the text is folded the same way and finds its contribution.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reviews_ui.api.predictions import Contribution

WORD = re.compile(r"[^\W_]+|[\u2600-\u27bf\U0001f300-\U0001faff]")
"""A word, or a picture, as the API cuts them."""
_JOINERS = re.compile("[\u200d\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]+")
_SKIN = dict.fromkeys(range(0x1F3FB, 0x1F400))

LEVELS = (0.1, 0.34, 0.67)
"""From which share of the greatest contribution on a word is coloured faintly, well, strongly."""
LEAST = 0.005
"""Under half a percentage point a word is left plain, however small the others are."""
SMALL_SCALE = 0.05
"""A text in which no word moves the answer by more than this shows no strong colour."""


@dataclass(frozen=True)
class Stretch:
    """A part of the text as it was written; `level` 0 is plain, 3 the strongest."""

    text: str
    weight: float = 0.0
    level: int = 0


def folded(text: str) -> list[str]:
    """Return the words of a text as the models read them."""
    once = unicodedata.normalize("NFKC", text).translate(_SKIN).casefold()
    return WORD.findall(unicodedata.normalize("NFKC", once))


def stretches(text: str, words: Iterable[Contribution]) -> list[Stretch]:
    """Cut a text so that each word has its contribution; joined, the parts are the text again.

    Letters with marks on them stay whole, and pictures made of several too: a script that joins
    its letters would fall apart otherwise.
    """
    weights = {one.word: one.weight for one in words}
    scale = max([SMALL_SCALE, *(abs(weight) for weight in weights.values())])
    parts: list[Stretch] = []
    end = 0
    for start, stop in _spans(text):
        weight = sum(weights.get(word, 0.0) for word in set(folded(text[start:stop])))
        if start > end:
            parts.append(Stretch(text[end:start]))
        parts.append(Stretch(text[start:stop], weight, _level(weight, scale)))
        end = stop
    if end < len(text):
        parts.append(Stretch(text[end:]))
    return parts


def strongest(words: Iterable[Contribution], most: int) -> list[Contribution]:
    """Return the words that move the answer most, either way; those that hardly do, never."""
    told = [one for one in words if abs(one.weight) >= LEAST]
    return sorted(told, key=lambda one: -abs(one.weight))[:most]


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each word begins and ends; marks and joiners belong to the word before them."""
    held: tuple[int, int] | None = None
    for match in WORD.finditer(text):
        if held is not None and _joins(text[held[1] : match.start()]):
            held = (held[0], match.end())
            continue
        if held is not None:
            yield held[0], _with_marks(text, held[1])
        held = match.span()
    if held is not None:
        yield held[0], _with_marks(text, held[1])


def _joins(gap: str) -> bool:
    """Return whether what stands between two words makes them one to the eye."""
    if not gap:
        return False
    if _JOINERS.fullmatch(gap):
        return "\u200d" in gap
    return all(unicodedata.category(one).startswith("M") for one in gap)


def _with_marks(text: str, stop: int) -> int:
    while stop < len(text) and (
        unicodedata.category(text[stop]).startswith("M") or _JOINERS.match(text[stop])
    ):
        stop += 1
    return stop


def _level(weight: float, scale: float) -> int:
    if abs(weight) < LEAST:
        return 0
    return sum(abs(weight) / scale >= limit for limit in LEVELS)

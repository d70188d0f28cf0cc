"""Words looked for in texts, whatever their case and accents."""

import re
import unicodedata
from functools import cache
from itertools import chain

from satispy.core.errors import InvalidInput

MOST_WORDS = 20

_ASKED = re.compile(r"[^\W_]+\*?|[\u2600-\u27bf\U0001f300-\U0001faff]")
_LIGATURES = {"oe": "œŒ", "ae": "æÆ", "ss": "ßẞ"}
_LETTERS = (range(0x30, 0x3000), range(0xFF00, 0xFFF0), range(0x1D400, 0x1D800))
"""Where letters have cases, accents or other widths; scripts without any need no look."""

# A mark (an accent written behind its letter) is no end of a word: "é" may be two characters.
_BEFORE = r"(?:^|[^\p{L}\p{N}\p{M}])"
_AFTER = r"(?:$|[^\p{L}\p{N}\p{M}])"


def patterns(text: str) -> list[str]:
    """Return a pattern (Rust's regex, as polars takes it) for each word of a text.

    A word is found as a whole, in any case, with accents or without; ``livr*`` finds every word
    that begins so. An emoji is found wherever it stands.

    Raises
    ------
    InvalidInput
        If there is no word to look for, or there are more than `MOST_WORDS`.
    """
    plain = folded(text).replace("œ", "oe").replace("æ", "ae")
    words = list(dict.fromkeys(_ASKED.findall(plain)))
    if not words:
        raise InvalidInput(
            f"expected words to look for, of letters or digits, but received {text[:40]!r}"
        )
    if len(words) > MOST_WORDS:
        raise InvalidInput(f"expected at most {MOST_WORDS} words, but received {len(words)}")
    return [_pattern(word) for word in words]


def folded(text: str) -> str:
    """Return a text in lower case and without accents."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(one for one in plain if not unicodedata.combining(one))


def _pattern(word: str) -> str:
    if not word[0].isalnum():
        return re.escape(word)
    stem = word.removesuffix("*")
    letters, at = [], 0
    while at < len(stem):
        one, pair = _letter(stem[at]), stem[at : at + 2]
        if pair in _LIGATURES:
            letters.append(f"(?:{one}{_letter(pair[1])}|[{_LIGATURES[pair]}])")
            at += 2
        else:
            letters.append(one)
            at += 1
    return _BEFORE + "".join(letters) + ("" if word.endswith("*") else _AFTER)


def _letter(one: str) -> str:
    return f"[{''.join(_alike().get(one, [one]))}]\\p{{M}}*"


@cache
def _alike() -> dict[str, list[str]]:
    """Return the characters that become the same one when folded."""
    found: dict[str, list[str]] = {}
    for one in map(chr, chain.from_iterable(_LETTERS)):
        if one.isalnum() and len(plain := folded(one)) == 1:
            found.setdefault(plain, []).append(one)
    return found

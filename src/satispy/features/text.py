"""The one text function: training, vectors and serving all call `tokenize`.

Two text functions that drift apart was one of the mistakes of the first published system; there
is one here, and artifacts carry `TEXT_VERSION` so that a change of it cannot go unseen.
"""

import re
import unicodedata
from collections.abc import Sequence

TEXT_VERSION = "1"
"""Changes whenever `tokenize` answers differently for any text."""

# Words are runs of letters and digits: an apostrophe, straight or curly, ends one ("j’ai" is
# "j", "ai"), so both spellings agree and negations ("n", "ne", "pas") stay. An emoji is a word:
# "👍" alone is a review.
TOKEN = re.compile(r"[^\W_]+|[\u2600-\u27bf\U0001f300-\U0001faff]")
_PICTURE = re.compile(r"[\u2600-\u27bf\U0001f300-\U0001f3fa\U0001f400-\U0001faff]")
_SKIN = dict.fromkeys(range(0x1F3FB, 0x1F400))


def tokenize(text: str) -> list[str]:
    """Cut a text into words.

    NFKC, case folded; nothing is removed but punctuation: neither lemmas nor stop words made a
    measurable difference on the real reviews, and stop lists are where negations get lost.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    list of str
        Words in reading order, without white space inside; empty if there are none.
    """
    if not text.isascii():
        folded = unicodedata.normalize("NFKC", text).translate(_SKIN).casefold()
        return TOKEN.findall(unicodedata.normalize("NFKC", folded))
    return TOKEN.findall(text.lower())


def are_tokens(words: Sequence[str]) -> list[bool]:
    """Tell of each word whether `tokenize` can ask for it: ``tokenize(word) == [word]``.

    Several times faster than asking `tokenize`, which matters where vectors of millions of words
    come in: all words are folded as one text.

    Parameters
    ----------
    words
        Any texts.

    Returns
    -------
    list of bool
        As many as there are words.
    """
    joined = "\n".join(words)
    if joined.isascii():
        folded = joined.lower()
    else:
        folded = unicodedata.normalize("NFKC", joined).casefold()
        folded = unicodedata.normalize("NFKC", folded)
    others = folded.split("\n")
    if len(others) != len(words):  # a word holds an end of line
        return [tokenize(word) == [word] for word in words]
    return [
        word == other and (word.isalnum() or _PICTURE.fullmatch(word) is not None)
        for word, other in zip(words, others, strict=True)
    ]

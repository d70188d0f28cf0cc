"""Which texts are the exam: decided by the text itself, so it never changes and never leaks.

A text that stands in the base twice is on one side both times, and an upload adds to both sides
without moving anything across.
"""

import unicodedata
from hashlib import sha256

_SALT = b"satispy-exam-1\n"
_ONE_IN = 5


def normalised(text: str) -> str:
    """Return the text as the split sees it: NFKC, case folded, single spaces, stripped."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def is_exam(text: str) -> bool:
    """Tell whether a text belongs to the exam (one text in five) rather than to training.

    Parameters
    ----------
    text
        The comment, as it came.

    Returns
    -------
    bool
        The same for every spelling that differs only in case, width or white space.
    """
    digest = sha256(_SALT + normalised(text).encode()).hexdigest()
    return int(digest[:16], 16) % _ONE_IN == 0

"""What a password must be, and what is kept of it: an argon2id hash (RFC 9106).

The rules follow NIST SP 800-63B: length and a list of what everybody tries first, no demand for
digits or signs. A password counts as listed with its case, accents, look-alike letters such as
those of ``p@ssw0rd``, and whatever digits or signs stand before and after it taken away.
"""

import base64
import os
import re
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher

from satispy.core.errors import WeakPassword

SHORTEST = 10
LONGEST = 1024
FEWEST_DIFFERENT = 5
LONGEST_WEAK_NUMBER = 19  # all digits: a date, a phone or card number
KEPT_BY_CHANCE = 4  # letters beside a run or a listed word: fewer add nothing

# OWASP's second choice for argon2id. Two at once take 38 MiB, and the API stays below 300.
MEMORY_KIB = 19_456
PASSES = 2
LANES = 1

_LOOK_ALIKES = str.maketrans("@4310$57!", "aaeiossti")
_RUNS = (
    *("abcdefghijklmnopqrstuvwxyz", "azertyuiopqsdfghjklmwxcvbn", "qwertyuiopasdfghjklzxcvbnm"),
    *("qwertzuiopasdfghjklyxcvbnm", "aqwzsxedcrfvtgbyhnujmikolp", "qazwsxedcrfvtgbyhnujmikolp"),
    *("a1z2e3r4t5y6u7i8o9p0", "q1w2e3r4t5y6u7i8o9p0", "1a2z3e4r5t6y7u8i9o0p"),
    *("1q2w3e4r5t6y7u8i9o0p", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "1aqw2zsx3edc4rfv5tgb6yhn7uj"),
)


def password_hasher() -> PasswordHasher:
    """Return what makes and verifies hashes; those made at another cost are verified too."""
    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)


def nobodys_hash() -> str:
    """Return a hash that costs as much to verify as any, and that no password matches."""
    salt, digest = (base64.b64encode(os.urandom(size)).decode().rstrip("=") for size in (16, 32))
    return f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${digest}"


def require_strong(password: str, name: str = "") -> None:
    """Refuse a password that is too short, too long, or among the first that anybody tries.

    Parameters
    ----------
    password
        The new password.
    name
        The user's name, which may not be the password either.

    Raises
    ------
    WeakPassword
        With a sentence that says why, and never with the password.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(
            f"expected a password of at least {SHORTEST} characters and at most {LONGEST}, but "
            f"received {len(password)}"
        )
    if any(unicodedata.category(letter) in {"Cs", "Cc"} for letter in password):
        raise WeakPassword(
            "expected a password of letters, digits, signs and spaces, but received one with a "
            "control character"
        )
    if (why := _weakness(password, name)) is not None:
        raise WeakPassword(
            f"expected a password that others do not guess, but this one {why}; take a sentence, "
            "or let one be made up: satispy users passwd NAME --generate"
        )


def _weakness(password: str, name: str) -> str | None:
    folded = _folded(password)
    if len(set(folded)) < FEWEST_DIFFERENT:
        return f"has fewer than {FEWEST_DIFFERENT} different characters"
    number = re.sub(r"[ ./+-]", "", folded)
    if number.isdigit() and len(number) <= LONGEST_WEAK_NUMBER:
        return "is a number"
    own = {_bare(_folded(name)), _folded(name)} - {""}
    shapes = _shapes(folded)
    if shapes & own:
        return "is the user's name"
    if any(_is_listed(shape, _common() | own) for shape in shapes):
        return "is among the commonest, or made of them"
    if any(_is_run(shape) for shape in (folded, *shapes)):
        return "is a row of keys or letters"
    return None


def _folded(text: str) -> str:
    """Return a text without case and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _bare(text: str) -> str:
    """Return a text without the digits and signs before and after its letters."""
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)


def _shapes(folded: str) -> set[str]:
    """Return what a password is once trivial changes are taken back."""
    # `passw0rd1` loses its digits first, `p@$$word` its look-alikes: which is which nobody knows.
    read = folded.translate(_LOOK_ALIKES)
    bare = _bare(folded)
    found = {folded, bare, _bare(read), read, bare.translate(_LOOK_ALIKES)}
    found |= {shape.replace(" ", "") for shape in found}
    return {_once(shape) for shape in found if len(shape) >= KEPT_BY_CHANCE}


def _once(text: str) -> str:
    """Return what a text repeats, such as ``admin`` for ``adminadmin``; else the text."""
    return text[: (text + text).find(text, 1)]


def _is_listed(shape: str, listed: frozenset[str]) -> bool:
    """Return whether a text is a listed word with few letters around it, or two such words."""
    size = len(shape)
    inside = (
        shape[start:end]
        for start in range(min(KEPT_BY_CHANCE, size))
        for end in range(size, size - KEPT_BY_CHANCE + start, -1)
    )
    if any(part in listed for part in inside):
        return True
    return any(shape[:cut] in listed and shape[cut:] in listed for cut in range(1, size))


def _is_run(shape: str) -> bool:
    """Return whether nearly all of a text is a piece of a keyboard's or the alphabet's row."""
    longest = max(len(shape) - KEPT_BY_CHANCE + 1, SHORTEST // 2)
    if longest > len(shape):
        return False
    pieces = {shape[start : start + longest] for start in range(len(shape) - longest + 1)}
    rows = [row for run in _RUNS for row in (run * 2, run[::-1] * 2)]
    return any(piece in row for piece in pieces for row in rows)


@cache
def _common() -> frozenset[str]:
    path = Path(__file__).with_name("common_passwords.txt")
    lines = path.read_text(encoding="utf-8").splitlines()
    words = " ".join(line for line in lines if not line.startswith("#")).split()
    return frozenset(words) | frozenset(word.translate(_LOOK_ALIKES) for word in words)

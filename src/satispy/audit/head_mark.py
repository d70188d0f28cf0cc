"""The end of the trail, noted outside the database: what was cut off the end is missed there."""

import re
from pathlib import Path

from filelock import FileLock

from satispy.audit.trail import Head
from satispy.core.errors import ArtifactDamaged
from satispy.core.files import read_json, write_json

_CHAIN = re.compile(r"[0-9a-f]{64}")


def note(path: Path, head: Head) -> None:
    """Write the end of the trail down, durably, unless a later one stands there already.

    It is noted after the commit: a crash in between leaves an earlier end, which is true as well.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(f".{path.name}.lock"), mode=0o600):
        known = noted(path)
        if known is None or known.number < head.number:
            write_json(path, {"number": head.number, "chain": head.chain}, mode=0o600)


def noted(path: Path) -> Head | None:
    """Return the end that was noted; None without a file.

    Raises
    ------
    ArtifactDamaged
        If the file cannot be read.
    """
    if not path.is_file():
        return None
    facts = read_json(path)
    try:
        return Head(int(facts["number"]), str(facts["chain"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactDamaged(
            f"expected the end of the audit trail in {path}, a number and a chain, but it holds "
            "neither; docs/audit.md says what to do"
        ) from error


def spoken(text: str) -> Head | None:
    """Read ``NUMBER:CHAIN``, as `satispy audit verify` prints it; None where it is not that."""
    number, _, chain = text.partition(":")
    return Head(int(number), chain) if number.isdecimal() and _CHAIN.fullmatch(chain) else None

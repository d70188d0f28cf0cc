"""Every decision on what serves, one after another: only appended to, and chained by hashes.

::

    clean_model/serving/history.jsonl    one JSON object per line

Each line names the hash of all lines before it, so one that is changed, taken out or put in later
breaks the chain (as in the ledger of the base). A line cut short by a crash was never answered
for; it is cut off before the next one is written. Lines of a version before this one have no hash
and are part of the chain all the same.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from satispy.core.errors import ArtifactDamaged
from satispy.core.files import sync_folder

NO_CHAIN = "0" * 64
"""What the very first line follows."""

PROMOTED, HELD, ROLLED_BACK, CROWNED = "promoted", "held", "rolled-back", "champion"
MOVES = (PROMOTED, ROLLED_BACK)
"""Decisions after which another run answers for its family."""

GATE = "gate"
"""Who decides where no person does."""


@dataclass(frozen=True)
class Decision:
    """One line.

    Attributes
    ----------
    number
        Its place, from 1.
    at
        When (ISO 8601, UTC).
    event
        ``promoted``, ``held``, ``rolled-back``, or ``champion`` for a change of champion.
    family, run
        Of the model that was decided upon.
    previous
        The run that served the family before, or the champion's family before; None if none.
    by
        ``gate``, or the name of a person.
    reason
        Why, in a sentence.
    comment
        What the person wrote.
    overrides
        Whether a person decided against the gate.
    checks
        Every check that the gate asked, as `satispy.registry.evidence.Check`.
    before
        Hash of all lines before this one; empty in lines of an earlier version.
    """

    number: int
    at: str
    event: str
    family: str
    run: str
    previous: str | None = None
    by: str = GATE
    reason: str = ""
    comment: str = ""
    overrides: bool = False
    checks: Sequence[dict[str, Any]] = field(default_factory=list)
    before: str = ""


class History:
    """The file; whoever appends holds a lock that all writers share.

    Parameters
    ----------
    path
        ``history.jsonl``; it need not be there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> tuple[list[Decision], list[str]]:
        """Return all decisions, oldest first, and the chain hash after each of them.

        Raises
        ------
        ArtifactDamaged
            If a line cannot be read, or does not follow the one before it.
        """
        decisions: list[Decision] = []
        chains: list[str] = []
        for line in self._lines():
            before = chains[-1] if chains else NO_CHAIN
            decision = self._parsed(line, len(decisions) + 1)
            if decision.before not in ("", before):
                raise self._broken(decision.number, "it does not follow the lines before it")
            decisions.append(decision)
            chains.append(hashlib.sha256(bytes.fromhex(before) + line).hexdigest())
        return decisions, chains

    def append(self, **facts: Any) -> tuple[Decision, str]:
        """Write the next decision, durably; return it, and the chain hash after it.

        Raises
        ------
        ArtifactDamaged
            If the lines that are there are not as they were written: nothing is added.
        """
        decisions, chains = self.read()
        before = chains[-1] if chains else NO_CHAIN
        decision = Decision(number=len(decisions) + 1, before=before, **facts)
        line = json.dumps(asdict(decision), ensure_ascii=False, allow_nan=False).encode()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            file.truncate(self._whole())
            file.write(line + b"\n")
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self._path.parent)
        return decision, hashlib.sha256(bytes.fromhex(before) + line).hexdigest()

    def _content(self) -> bytes:
        return self._path.read_bytes() if self._path.is_file() else b""

    def _whole(self) -> int:
        """Return the bytes that whole lines take up."""
        return self._content().rfind(b"\n") + 1

    def _lines(self) -> list[bytes]:
        content = self._content()
        return content[: content.rfind(b"\n") + 1].split(b"\n")[:-1]

    def _parsed(self, line: bytes, number: int) -> Decision:
        try:
            facts = json.loads(line)
            if "published_at" in facts:  # a version before decisions were kept
                facts = {
                    "event": PROMOTED,
                    "at": facts["published_at"],
                    "family": facts["family"],
                    "run": facts["run"],
                    "by": "retraining",
                }
            decision = Decision(**{"number": number} | facts)
        except (ValueError, TypeError, KeyError) as error:
            raise self._broken(number, str(error)) from error
        if decision.number != number:
            raise self._broken(number, f"it says that it is line {decision.number}")
        return decision

    def _broken(self, number: int, why: str) -> ArtifactDamaged:
        return ArtifactDamaged(
            f"expected the decisions in {self._path} as they were written, but line {number} is "
            f"not: {why}; restore the file from a backup (docs/runbooks/bad-model-live.md)"
        )

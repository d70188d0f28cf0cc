"""Which run of a family answers, and which family is the champion.

::

    clean_model/serving/
        history.jsonl     every decision there ever was
        svm.json          the run that answers for svm: what the API reads
        champion.json     the family that is the champion

A decision is written into the history first, then the pointer moves, atomically. A process that
was killed between the two leaves the old pointer, and the next one to open (`settle`) moves it:
there is always one that serves.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from satispy.core.clock import iso
from satispy.core.errors import ArtifactDamaged
from satispy.core.files import read_json, write_json
from satispy.registry.history import CROWNED, HELD, MOVES, PROMOTED, ROLLED_BACK, Decision, History

HISTORY = "history.jsonl"
CHAMPION = "champion"
"""Name of the champion's pointer, and of the champion in a question; no family may bear it."""


@dataclass(frozen=True)
class Pointer:
    """The serving run of a family, or of the champion's family, and since when (ISO 8601, UTC).

    `entry` is the number of the decision, `chain` the hash of the history after it; 0 and empty in
    pointers of an earlier version.
    """

    family: str
    run: str
    published_at: str
    entry: int = 0
    chain: str = ""


class ServingPointers:
    """The pointers in ``clean_model/serving``.

    Parameters
    ----------
    folder
        That folder.
    deciding
        Held around each decision, beside the lock of the folder: where homes share pointers
        through a store, it keeps the others away and brings and tells what they have to know.
    """

    def __init__(
        self, folder: Path, deciding: Callable[[], AbstractContextManager[None]] = nullcontext
    ) -> None:
        self._folder = folder
        self._deciding = deciding
        self._history = History(folder / HISTORY)

    def promote(self, family: str, run: str, moment: datetime, **facts: Any) -> Decision | None:
        """Let `run` answer for `family`; None where it does already.

        Parameters
        ----------
        family, run
            Which.
        moment
            The current time.
        **facts
            What else the history is told: by, reason, comment, overrides, checks.
        """
        return self._move(PROMOTED, family, run, moment, facts)

    def roll_back(self, family: str, run: str, moment: datetime, **facts: Any) -> Decision | None:
        """Let an earlier `run` answer for `family` again; None where it does already."""
        return self._move(ROLLED_BACK, family, run, moment, facts)

    def hold(self, family: str, run: str, moment: datetime, **facts: Any) -> Decision:
        """Note that `run` does not serve, and why; no pointer moves.

        A retry that says the same again finds it said.
        """
        with self._locked():
            newest = next((one for one in reversed(self.history()) if one.family == family), None)
            if newest and (newest.event, newest.run) == (HELD, run):
                return newest
            now = self._now(family)
            previous = now.run if now else None
            decision, _ = self._history.append(
                event=HELD, at=iso(moment), family=family, run=run, previous=previous, **facts
            )
        return decision

    def crown(self, family: str, moment: datetime, **facts: Any) -> Decision | None:
        """Make a family the champion; None where it is already."""
        with self._locked():
            now, before = self._now(family), self._now(CHAMPION)
            if now is None or (before is not None and before.family == family):
                return None
            decision, chain = self._history.append(
                event=CROWNED,
                at=iso(moment),
                family=family,
                run=now.run,
                previous=before.family if before else None,
                **facts,
            )
            self._write(CHAMPION, decision, chain)
        return decision

    def settle(self) -> None:
        """Move the pointers to where the history says, after a process was killed between both.

        Raises
        ------
        ArtifactDamaged
            If the history is not as it was written.
        """
        if not (self._folder / HISTORY).is_file():
            return
        with self._locked():
            newest: dict[str, tuple[Decision, str]] = {}
            for decision, chain in zip(*self._history.read(), strict=True):
                if decision.event in (*MOVES, CROWNED):
                    name = CHAMPION if decision.event == CROWNED else decision.family
                    newest[name] = decision, chain
            for name, (decision, chain) in newest.items():
                if self._says_otherwise(name, decision):
                    self._write(name, decision, chain)

    def of(self, family: str) -> Pointer | None:
        """Return the pointer of a family, or None where it never served."""
        path = self._folder / f"{family}.json"
        return _read(path) if path.is_file() else None

    def champion(self) -> Pointer | None:
        """Return the champion's pointer; its run is the one that made it champion."""
        return self.of(CHAMPION)

    def families(self) -> list[str]:
        """Return the families that have a pointer, by name, whether it can be read or not."""
        return sorted(path.stem for path in self._folder.glob("*.json") if path.stem != CHAMPION)

    def all(self) -> list[Pointer]:
        """Return the pointers of all families, by name."""
        return [_read(self._folder / f"{family}.json") for family in self.families()]

    def history(self) -> list[Decision]:
        """Return every decision there ever was, oldest first."""
        return self._history.read()[0]

    def before(self, family: str) -> list[str]:
        """Return the runs that one can go back to from the one that serves, the nearest first."""
        served: list[str] = []
        for decision in self.history():
            if decision.family != family or decision.event not in MOVES:
                continue
            if decision.event == ROLLED_BACK and decision.run in served:
                del served[served.index(decision.run) + 1 :]
                continue
            if decision.run in served:
                served.remove(decision.run)
            served.append(decision.run)
        return served[-2::-1]

    def at(self, moment: datetime) -> dict[str, Decision]:
        """Return what answered at a moment: family, or ``champion``, to the decision behind it."""
        found: dict[str, Decision] = {}
        for decision in self.history():
            if datetime.fromisoformat(decision.at) > moment:
                break
            if decision.event in MOVES:
                found[decision.family] = decision
            elif decision.event == CROWNED:
                found[CHAMPION] = decision
        return found

    def verify(self) -> int:
        """Compare the chain, and the pointers with it; return how many decisions there are.

        Raises
        ------
        ArtifactDamaged
            If a line of the history was changed, taken out or put in.
        """
        decisions, chains = self._history.read()
        champion = self.champion()
        for pointer in [*self.all(), *([champion] if champion else [])]:
            known = chains[pointer.entry - 1] if 0 < pointer.entry <= len(chains) else ""
            if pointer.chain != known:
                raise ArtifactDamaged(
                    f"expected the history of {pointer.family} to be as it was when its pointer "
                    f"moved (decision {pointer.entry}), but it was changed since; restore "
                    f"{self._folder / HISTORY} from a backup"
                )
        return len(decisions)

    def state(self) -> tuple[tuple[str, int], ...]:
        """Return a cheap value that changes whenever a pointer moves."""
        try:
            with os.scandir(self._folder) as entries:  # asked with each prediction; no Path is made
                pointers = [entry for entry in entries if entry.name.endswith(".json")]
                return tuple(sorted((entry.name, entry.stat().st_mtime_ns) for entry in pointers))
        except FileNotFoundError:
            return ()

    def _move(
        self, event: str, family: str, run: str, moment: datetime, facts: dict[str, Any]
    ) -> Decision | None:
        with self._locked():
            now = self._now(family)
            if now is not None and now.run == run:
                return None
            previous = now.run if now else None
            decision, chain = self._history.append(
                event=event, at=iso(moment), family=family, run=run, previous=previous, **facts
            )
            self._write(family, decision, chain)
        return decision

    def _now(self, name: str) -> Pointer | None:
        """Return a pointer; None also where it cannot be read, for then it is to be written."""
        try:
            return self.of(name)
        except ArtifactDamaged:
            return None

    def _says_otherwise(self, name: str, decision: Decision) -> bool:
        now = self._now(name)
        return now is None or (now.family, now.run) != (decision.family, decision.run)

    def _write(self, name: str, decision: Decision, chain: str) -> None:
        pointer = Pointer(decision.family, decision.run, decision.at, decision.number, chain)
        write_json(self._folder / f"{name}.json", asdict(pointer))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self._folder / ".history.lock", mode=0o600), self._deciding():
            yield


def _read(path: Path) -> Pointer:
    try:
        return Pointer(**read_json(path))
    except TypeError as error:
        raise ArtifactDamaged(
            f"expected a pointer in {path}, but it cannot be read: {error}; "
            "satispy models history --settle writes it anew"
        ) from error

"""Which run of a family answers: a pointer that moves atomically, and a history that only grows."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from satispy.core.clock import iso
from satispy.core.errors import ArtifactDamaged
from satispy.core.files import read_json, write_json

HISTORY = "history.jsonl"


@dataclass(frozen=True)
class Pointer:
    """The serving run of a family, and since when (ISO 8601, UTC)."""

    family: str
    run: str
    published_at: str


class ServingPointers:
    """The pointers in ``clean_model/serving``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def move(self, family: str, run: str, moment: datetime) -> Pointer:
        """Let `run` answer for `family`; a pointer that is there already is left alone."""
        now = self.of(family)
        if now is not None and now.run == run:
            return now
        pointer = Pointer(family, run, iso(moment))
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / HISTORY).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(pointer)) + "\n")
            file.flush()
            os.fsync(file.fileno())
        write_json(self._folder / f"{family}.json", asdict(pointer))
        return pointer

    def of(self, family: str) -> Pointer | None:
        """Return the pointer of a family, or None where it never served."""
        path = self._folder / f"{family}.json"
        return _read(path) if path.is_file() else None

    def all(self) -> list[Pointer]:
        """Return the pointers of all families, by name."""
        if not self._folder.is_dir():
            return []
        return [_read(path) for path in sorted(self._folder.glob("*.json"))]

    def history(self) -> list[Pointer]:
        """Return every promotion there ever was, oldest first."""
        path = self._folder / HISTORY
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        return [Pointer(**json.loads(line)) for line in lines]

    def state(self) -> tuple[tuple[str, int], ...]:
        """Return a cheap value that changes whenever a pointer moves."""
        try:
            with os.scandir(self._folder) as entries:  # asked with each prediction; no Path is made
                pointers = [entry for entry in entries if entry.name.endswith(".json")]
                return tuple(sorted((entry.name, entry.stat().st_mtime_ns) for entry in pointers))
        except FileNotFoundError:
            return ()


def _read(path: Path) -> Pointer:
    try:
        return Pointer(**read_json(path))
    except TypeError as error:
        raise ArtifactDamaged(
            f"expected a pointer in {path}, but it cannot be read: {error}; retrain, or write the "
            f"last line about {path.stem} of {HISTORY} into it"
        ) from error

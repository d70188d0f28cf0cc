"""All word vectors of a home: which there are, which the next training uses, which it used.

::

    clean_model/vectors/
        20261121T080000.000000Z-reviews/   matrix.npy, vocabulary.json, card.json
        current.json                       which ones the next retraining uses, since when, why
        history.jsonl                      every choice there ever was, oldest first
"""

import json
import os
import re
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from satispy.core.clock import iso, stamp
from satispy.core.errors import ArtifactDamaged, ConfigurationError, NotFound
from satispy.core.files import beside, read_json, write_json
from satispy.features.text import TEXT_VERSION
from satispy.features.vectors import CARD, check_vectors

POINTER = "current.json"
HISTORY = "history.jsonl"
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Choice:
    """Which vectors are used, since when (ISO 8601, UTC; empty if unknown), and why."""

    version: str
    since: str = ""
    why: str = ""


class VectorShelf:
    """The folders and the pointer in ``clean_model/vectors``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def new(self, moment: datetime, name: str) -> Path:
        """Return the place of vectors to be made: ``<UTC stamp>-<name>``."""
        return self.folder / f"{stamp(moment)}-{_UNFIT.sub('-', name)[:_LONGEST_NAME]}"

    def versions(self) -> list[str]:
        """Return the names of all vectors, sorted."""
        return sorted(path.parent.name for path in self.folder.glob(f"[!.]*/{CARD}"))

    def place(self, version: str) -> Path:
        """Return the folder of a version.

        Raises
        ------
        NotFound
            If there is none of this name.
        """
        if version not in self.versions():
            known = ", ".join(self.versions()) or "none: satispy vectors train or import makes some"
            raise NotFound(f"no word vectors '{version}' in {self.folder}; there are {known}")
        return self.folder / version

    def card(self, version: str) -> dict[str, Any]:
        """Return what the card of a version says.

        Raises
        ------
        NotFound
            If there is none of this name.
        ArtifactDamaged
            If it is no card.
        """
        path = self.place(version) / CARD
        card = read_json(path)
        if not isinstance(card, dict) or not {"words", "dimensions", "text_version"} <= set(card):
            raise ArtifactDamaged(
                f"expected a card of word vectors in {path}, but it names no sizes; restore the "
                "folder from a backup, or remove it"
            )
        return card

    def chosen(self) -> Choice | None:
        """Return which vectors are in use; None where none were ever.

        Raises
        ------
        ArtifactDamaged
            If the pointer cannot be read.
        """
        path = self.folder / POINTER
        if not path.is_file():
            return None
        try:
            return Choice(**read_json(path))
        except TypeError as error:
            raise ArtifactDamaged(
                f"expected a pointer in {path}, but: {error}; choose with satispy vectors use"
            ) from error

    def choose(self, version: str, moment: datetime, why: str) -> Choice:
        """Let the next trainings use a version, from now on.

        Raises
        ------
        NotFound
            If there is none of this name.
        ArtifactDamaged
            If it disagrees with its card.
        ConfigurationError
            If its words were cut by other rules than reviews are now.
        """
        check_vectors(self.place(version))
        if (found := self.card(version)["text_version"]) != TEXT_VERSION:
            raise ConfigurationError(
                f"expected word vectors of text version {TEXT_VERSION}, but those of {version} "
                f"are of {found}; import or train them again"
            )
        choice = Choice(version, iso(moment), why)
        with (self.folder / HISTORY).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(choice)) + "\n")
            file.flush()
            os.fsync(file.fileno())
        write_json(self.folder / POINTER, asdict(choice))
        return choice

    def history(self) -> list[Choice]:
        """Return every choice there ever was, oldest first."""
        path = self.folder / HISTORY
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        return [Choice(**json.loads(line)) for line in lines]

    def remove(self, version: str) -> None:
        """Remove vectors: at once for whoever looks, whenever we are stopped."""
        folder = self.place(version)
        aside = beside(folder)
        folder.rename(aside)
        shutil.rmtree(aside)

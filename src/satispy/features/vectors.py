"""Word vectors on disk: a folder, written once, whose name is their version.

``matrix.npy`` (float32, memory-mapped when read), ``vocabulary.json`` (the words, in the order of
the rows) and ``card.json`` (where they come from). wikipedia2vec's own format is a pickle and
stays inside the process that trains.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, Self

import numpy as np

from satispy.core.clock import iso
from satispy.core.errors import ArtifactDamaged
from satispy.core.files import read_json, sha256_of, write_json
from satispy.core.types import WordVectors
from satispy.features.text import TEXT_VERSION

MATRIX = "matrix.npy"
VOCABULARY = "vocabulary.json"
CARD = "card.json"


def write_vocabulary(path: Path, words: Sequence[str]) -> None:
    """Write the words in the order of the rows, on one line: there may be millions."""
    path.write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")


def write_card(
    folder: Path,
    origin: dict[str, Any],
    *,
    moment: datetime | None = None,
    reviews: "WordCount | None" = None,
) -> None:
    """Write ``card.json`` beside matrix and vocabulary.

    Parameters
    ----------
    folder
        Holds ``matrix.npy`` and ``vocabulary.json``.
    origin
        Source, corpus, settings, seed and libraries.
    moment
        When they were made; None where nobody asks.
    reviews
        Words of the training side at the time; the card says how many of them the vectors know.
    """
    words, dimensions = np.load(folder / MATRIX, mmap_mode="r").shape
    known = None
    if reviews is not None and reviews.total:
        share = reviews.known(set(read_json(folder / VOCABULARY)))
        known = {"share": share, "of_words": reviews.total}
    card = {
        **origin,
        "created_at": iso(moment) if moment else None,
        "words": words,
        "dimensions": dimensions,
        "coverage": known,
        "text_version": TEXT_VERSION,
        "sha256": {name: sha256_of(folder / name) for name in (MATRIX, VOCABULARY)},
    }
    write_json(folder / CARD, card)


def load_vectors(folder: Path) -> WordVectors:
    """Read vectors; the matrix stays on disk, memory-mapped.

    Parameters
    ----------
    folder
        Written by `train_vectors` or `import_word2vec_text`.

    Returns
    -------
    WordVectors
        Their version is the folder's name.

    Raises
    ------
    ArtifactDamaged
        If a file is missing or unreadable, or the sizes disagree.
    """
    try:
        card = read_json(folder / CARD)
        expected = (card["words"], card["dimensions"])
        words = read_json(folder / VOCABULARY)
        matrix = np.load(folder / MATRIX, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactDamaged(
            f"expected word vectors ({MATRIX}, {VOCABULARY}, {CARD}) in {folder}, "
            f"but they cannot be read: {error!r}; restore the folder or train new vectors"
        ) from error
    if matrix.shape != expected or len(words) != expected[0] or matrix.dtype != np.float32:
        raise ArtifactDamaged(
            f"expected a float32 matrix of shape {expected} and as many words in {folder}, but "
            f"found {matrix.dtype} {matrix.shape} and {len(words)} words; restore the folder"
        )
    return WordVectors(folder.name, {word: row for row, word in enumerate(words)}, matrix)


def check_vectors(folder: Path, expected: str | None = None) -> str:
    """Compare matrix and vocabulary, byte by byte, with the hashes of their card.

    Parameters
    ----------
    folder
        Written by `train_vectors` or `import_word2vec_text`.
    expected
        What this function returned for the vectors of training; None where there were none yet.

    Returns
    -------
    str
        Hexadecimal sha256 over the hashes of the card: equal vectors, equal digest.

    Raises
    ------
    ArtifactDamaged
        If a file is missing or was changed, or these are not the vectors expected.
    """
    try:
        promised = dict(read_json(folder / CARD)["sha256"])
        found = {name: sha256_of(folder / name) for name in (MATRIX, VOCABULARY)}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactDamaged(
            f"expected word vectors ({MATRIX}, {VOCABULARY}, {CARD}) in {folder}, "
            f"but they cannot be read: {error!r}; restore the folder or train new vectors"
        ) from error
    if wrong := [name for name, digest in found.items() if promised.get(name) != digest]:
        raise ArtifactDamaged(
            f"{folder} disagrees with its {CARD} in {', '.join(wrong)}; restore the folder from "
            "a backup, or retrain with new vectors"
        )
    digest = hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()
    if expected is not None and digest != expected:
        raise ArtifactDamaged(
            f"expected the word vectors {expected[:12]}… of training in {folder}, but found "
            f"{digest[:12]}…; restore the folder from a backup, or retrain"
        )
    return digest


def coverage(token_lists: Sequence[Sequence[str]], vectors: WordVectors) -> float:
    """Return the share of tokens that have a vector, 0 to 1; 1 where there are no tokens."""
    return WordCount.of(token_lists).known(vectors.vocabulary)


@dataclass(frozen=True)
class WordCount:
    """How often each word occurs in some reviews."""

    counts: Mapping[str, int]

    @classmethod
    def of(cls, token_lists: Sequence[Sequence[str]]) -> Self:
        """Count the words of reviews."""
        return cls(Counter(chain.from_iterable(token_lists)))

    @property
    def total(self) -> int:
        """All words, each as often as it occurs."""
        return sum(self.counts.values())

    def known(self, vocabulary: Container[str]) -> float:
        """Return the share of the words, 0 to 1, that stand in a vocabulary; 1 without words."""
        total = self.total
        known = sum(count for word, count in self.counts.items() if word in vocabulary)
        return known / total if total else 1.0

    def at_least(self, often: int) -> float:
        """Return the share of the words, 0 to 1, that occur so often: what new vectors know."""
        total = self.total
        return sum(n for n in self.counts.values() if n >= often) / total if total else 1.0

    def unknown(self, vocabulary: Container[str], limit: int) -> list[tuple[str, int]]:
        """Return the commonest words that stand in no vocabulary, the commonest first."""
        found = [(w, n) for w, n in self.counts.items() if w not in vocabulary]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]

"""Word vectors on disk: a folder, written once, whose name is their version.

``matrix.npy`` (float32, memory-mapped when read), ``vocabulary.json`` (the words, in the order of
the rows) and ``card.json`` (where they come from). wikipedia2vec's own format is a pickle and
stays inside the process that trains.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from satispy.core.errors import ArtifactDamaged
from satispy.core.files import read_json, sha256_of, write_json
from satispy.core.types import WordVectors
from satispy.features.text import TEXT_VERSION

MATRIX = "matrix.npy"
VOCABULARY = "vocabulary.json"
CARD = "card.json"


def write_card(folder: Path, origin: dict[str, Any]) -> None:
    """Write ``card.json`` beside matrix and vocabulary: `origin`, sizes, hashes, text version."""
    words, dimensions = np.load(folder / MATRIX, mmap_mode="r").shape
    card = {
        **origin,
        "words": words,
        "dimensions": dimensions,
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
    known = total = 0
    for words in token_lists:
        total += len(words)
        known += sum(word in vectors.vocabulary for word in words)
    return known / total if total else 1.0

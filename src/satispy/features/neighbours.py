"""Which reviews are near one another: an index of mean word vectors, written once.

::

    clean_model/neighbours/
        20261121T080000.000000Z/   ids.npy, vectors.npy, scales.npy, weights.npy, card.json
        current.json               which one answers; moved last

Of each distinct text one row is in it, by id. No text is in it: texts are read from the base, as
they are by then. A vector is kept as whole numbers from -127 to 127 and a factor: a quarter of the
room, and near enough to choose candidates, whose nearness is then computed from their words.

The vector of a text is the mean of its words' vectors, the common words counting less (Arora, Liang
and Ma 2017, A simple but tough-to-beat baseline for sentence embeddings): a plain mean finds texts
with as many "de" and "la".
"""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from satispy.core.errors import ArtifactDamaged, NotReady
from satispy.core.files import folder_written_once, read_json, write_json
from satispy.core.mapped import give_back
from satispy.core.types import WordVectors

POINTER = "current.json"
CARD = "card.json"
IDS, VECTORS, SCALES, WEIGHTS = "ids.npy", "vectors.npy", "scales.npy", "weights.npy"
COMMON = 1e-3
"""A word that is so large a share of all words counts half."""

ROWS_AT_ONCE = 1 << 14
_LARGEST = 127

Ids = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True)
class NeighbourIndex:
    """An index, memory-mapped.

    Attributes
    ----------
    card
        What it was made of.
    ids
        int64, shape (n,).
    vectors
        int8, shape (n, dimensions).
    scales
        float32, shape (n,): a row of `vectors` times its scale has length 1.
    weights
        float32, shape (words,): how much each word of the vectors' vocabulary counts.
    """

    card: Mapping[str, Any]
    ids: Ids
    vectors: npt.NDArray[np.int8]
    scales: Vectors
    weights: Vectors

    def nearest(self, vector: Vectors, count: int) -> Ids:
        """Return the ids of so many rows whose vectors have the largest cosines, the largest first.

        Parameters
        ----------
        vector
            float32, shape (dimensions,), not all zero.
        count
            How many, at most.
        """
        unit = vector / np.linalg.norm(vector)
        near = np.empty(len(self.ids), np.float32)
        for start in range(0, len(near), ROWS_AT_ONCE):
            part = slice(start, start + ROWS_AT_ONCE)
            near[part] = self.vectors[part].astype(np.float32) @ unit * self.scales[part]
        for column in (self.vectors, self.scales):
            give_back(column)
        if count < len(near):
            chosen = np.argpartition(-near, count - 1)[:count]
        else:
            chosen = np.arange(len(near))
        found: Ids = self.ids[chosen[np.argsort(-near[chosen], kind="stable")]]
        return found


def weights_of(counts: Mapping[str, int], vectors: WordVectors) -> Vectors:
    """Return how much each word of a vocabulary counts, float32, shape (words,).

    Parameters
    ----------
    counts
        How often each word occurs in the reviews.
    vectors
        Whose vocabulary.
    """
    total = sum(counts.values()) or 1
    share = np.zeros(len(vectors.vocabulary))
    for word, place in vectors.vocabulary.items():
        if (count := counts.get(word)) is not None:
            share[place] = count / total
    return (COMMON / (COMMON + share)).astype(np.float32)


def mean_vectors(texts: Sequence[Sequence[str]], vectors: WordVectors, weights: Vectors) -> Vectors:
    """Return the weighted means of the vectors of words, float32, shape (texts, dimensions).

    Zeros where no word of a text has a vector.
    """
    known, matrix, weights = vectors.vocabulary.get, np.asarray(vectors.matrix), np.asarray(weights)
    means = np.zeros((len(texts), matrix.shape[1]), np.float32)
    for at, words in enumerate(texts):
        rows = np.array([row for row in map(known, words) if row is not None], np.intp)
        if len(rows):
            counts = weights.take(rows)
            means[at] = counts @ matrix.take(rows, axis=0) / counts.sum()
    return means


def write_index(
    target: Path,
    parts: Iterable[tuple[Ids, Vectors]],
    rows: int,
    dimensions: int,
    weights: Vectors,
    card: Mapping[str, Any],
) -> int:
    """Write an index; return how many rows are in it.

    Parameters
    ----------
    target
        The new folder.
    parts
        Ids, and the mean vectors of their words, float32; rows of zeros are left out.
    rows
        How many rows the parts hold at most, all together.
    dimensions
        Of the vectors.
    weights
        As `weights_of` returns them.
    card
        What they were made of.
    """
    ids, scales = np.empty(rows, np.int64), np.empty(rows, np.float32)
    kept = 0
    with folder_written_once(target) as folder:
        whole = np.lib.format.open_memmap(  # more than one step may hold in memory
            folder / VECTORS, mode="w+", dtype=np.int8, shape=(rows, dimensions)
        )
        for some, vectors in parts:
            largest = np.abs(vectors).max(axis=1)
            known = largest > 0
            numbers = np.rint(vectors[known] / largest[known, None] * _LARGEST).astype(np.int8)
            end = kept + len(numbers)
            whole[kept:end] = numbers
            ids[kept:end] = some[known]
            scales[kept:end] = 1 / np.linalg.norm(numbers.astype(np.float32), axis=1)
            kept = end
        whole.flush()
        del whole
        np.save(folder / IDS, ids[:kept], allow_pickle=False)
        np.save(folder / SCALES, scales[:kept], allow_pickle=False)
        np.save(folder / WEIGHTS, weights, allow_pickle=False)
        write_json(folder / CARD, {**card, "rows": kept})
    return kept


def keep_only(shelf: Path, target: str, held: Ids, changes: Mapping[str, Any]) -> None:
    """Write the index that answers anew, with those of its rows whose ids are among `held`."""
    _, index = open_index(shelf)
    stays = np.flatnonzero(np.isin(index.ids, held))
    parts = (
        (index.ids[some], index.vectors[some].astype(np.float32))
        for some in np.array_split(stays, max(1, len(stays) // ROWS_AT_ONCE))
    )
    card = {**index.card, **changes}
    write_index(
        shelf / target, parts, len(stays), index.vectors.shape[1], np.array(index.weights), card
    )


def choose(shelf: Path, name: str) -> None:
    """Let an index answer from now on, and remove the others."""
    write_json(shelf / POINTER, {"index": name})
    for folder in shelf.glob(f"[!.]*/{CARD}"):
        if folder.parent.name != name:
            shutil.rmtree(folder.parent, ignore_errors=True)


def chosen(shelf: Path) -> str | None:
    """Return the name of the index that answers; None while there is none."""
    try:
        return str(read_json(shelf / POINTER)["index"])
    except FileNotFoundError:
        return None
    except (KeyError, TypeError) as error:
        raise ArtifactDamaged(
            f"expected the name of an index in {shelf / POINTER}, but found none; remove "
            f"{shelf} and run the DAG retrain_reviews"
        ) from error


def chosen_card(shelf: Path) -> Mapping[str, Any] | None:
    """Return what the card of the index that answers says; None while there is none."""
    name = chosen(shelf)
    if name is None:
        return None
    try:
        card: Mapping[str, Any] = read_json(shelf / name / CARD)
        int(card["follows"]), int(card["dataset"]["number"])
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise _damaged(shelf / name, error) from error
    return card


def open_index(shelf: Path) -> tuple[str, NeighbourIndex]:
    """Open the index that answers, and tell its name; the vectors stay on disk, memory-mapped.

    Raises
    ------
    NotReady
        While there is none.
    ArtifactDamaged
        If it cannot be read.
    """
    while (name := chosen(shelf)) is not None:
        try:
            return name, _open(shelf / name)
        except FileNotFoundError as error:
            if chosen(shelf) == name:
                raise _damaged(shelf / name, error) from error
    raise NotReady("no index of neighbours yet: upload reviews and run the DAG retrain_reviews")


def _open(folder: Path) -> NeighbourIndex:
    try:
        card = read_json(folder / CARD)
        ids, scales, whole, weights = (
            np.load(folder / name, mmap_mode="r", allow_pickle=False)
            for name in (IDS, SCALES, VECTORS, WEIGHTS)
        )
        rows, dimensions = int(card["rows"]), int(card["dimensions"])
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, error) from error
    if len(ids) != rows or len(scales) != rows or whole.dtype != np.int8 or whole.ndim != 2:
        raise _damaged(folder, "the sizes disagree")
    if whole.shape[0] < rows or whole.shape[1] != dimensions:
        raise _damaged(folder, "the sizes disagree")
    return NeighbourIndex(card, ids, whole[:rows], scales, weights)


def _damaged(folder: Path, why: object) -> ArtifactDamaged:
    return ArtifactDamaged(
        f"expected an index of neighbours in {folder}, but: {why!r}; remove {folder.parent} and "
        "run the DAG retrain_reviews"
    )

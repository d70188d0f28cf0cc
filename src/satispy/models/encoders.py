"""Token lists to arrays, the same code in training and serving, numpy only.

An encoder is learnt from token lists, written as JSON beside the model and read back by the
server. `dense` is what the server feeds; training takes `sparse`, the same numbers as triplets.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol, Self

import numpy as np
import numpy.typing as npt

from satispy.core.errors import ArtifactDamaged
from satispy.core.types import WordVectors
from satispy.models.terms import NgramEncoder, SubwordEncoder, TermEncoder, Tokens, Triplets


class Encoder(Protocol):
    """Makes the input of a graph."""

    def dense(self, tokens: Tokens) -> npt.NDArray[Any]:
        """Return the input for these comments, shape (n, ...)."""

    def to_json(self) -> dict[str, Any]:
        """Return everything but the word vectors."""


class MeanVectorEncoder:
    """The mean of the vectors of a comment's words; zeros where no word has one.

    Parameters
    ----------
    vectors
        Word vectors; they are not written with the model, only their version is.
    scale
        Factor on every number, to balance them against other features.
    """

    kind: ClassVar[str] = "mean_vector"

    def __init__(self, vectors: WordVectors, scale: float) -> None:
        self._vectors = vectors
        self._scale = scale
        self.width = int(vectors.matrix.shape[1])

    def dense(self, tokens: Tokens) -> npt.NDArray[np.float32]:
        """Return the means, float32, shape (n, dimensions)."""
        known = self._vectors.vocabulary
        rows = [[known[word] for word in words if word in known] for words in tokens]
        means = np.zeros((len(tokens), self.width), dtype=np.float32)
        lengths = np.array([len(row) for row in rows], dtype=np.int64)
        filled = np.flatnonzero(lengths)
        # Few comments at a time: the gathered vectors of all of them would be large.
        for part in np.array_split(filled, max(1, len(filled) // 1024)):
            if not part.size:
                continue
            gathered = self._vectors.matrix[np.concatenate([rows[row] for row in part])]
            starts = np.concatenate(([0], np.cumsum(lengths[part])[:-1]))
            sums = np.add.reduceat(gathered, starts, axis=0)
            means[part] = sums / lengths[part, None] * self._scale
        return means

    def sparse(self, tokens: Tokens) -> Triplets:
        """Return `dense` as rows, columns and values, row after row."""
        means = self.dense(tokens)
        rows, columns = np.nonzero(means)
        return rows.astype(np.int32), columns.astype(np.int32), means[rows, columns]

    def to_json(self) -> dict[str, Any]:
        """Return the vectors' version and the scale."""
        return {
            "kind": self.kind,
            "vectors": self._vectors.version,
            "dimensions": self.width,
            "scale": self._scale,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any], vectors: WordVectors | None) -> Self:
        """Read what `to_json` wrote, with the vectors of training.

        Raises
        ------
        ArtifactDamaged
            If the vectors are missing or others.
        """
        given = vectors and (vectors.version, int(vectors.matrix.shape[1]))
        if vectors is None or given != (data["vectors"], data["dimensions"]):
            raise ArtifactDamaged(
                f"expected the word vectors {data['vectors']!r} of {data['dimensions']} "
                f"dimensions, but received {given}; restore their folder or train again"
            )
        return cls(vectors, data["scale"])


class PackedEncoder:
    """The features of several encoders side by side, each row as pairs (column, value).

    A comment has a few hundred features of tens of thousands: the pairs are all that a linear
    model needs, so its cost follows the comment, not the vocabulary.

    Parameters
    ----------
    parts
        Their columns follow each other.
    """

    kind: ClassVar[str] = "packed"

    def __init__(self, parts: Sequence[TermEncoder | MeanVectorEncoder]) -> None:
        self._parts = list(parts)
        self.width = sum(part.width for part in self._parts)

    def sparse(self, tokens: Tokens) -> Triplets:
        """Return rows, columns and values of what is not zero, row after row."""
        offset = 0
        found: list[Triplets] = []
        for part in self._parts:
            rows, columns, values = part.sparse(tokens)
            found.append((rows, columns + np.int32(offset), values))
            offset += part.width
        rows, columns, values = (np.concatenate(which) for which in zip(*found, strict=True))
        order = np.argsort(rows, kind="stable")
        return rows[order], columns[order], values[order]

    def dense(self, tokens: Tokens) -> npt.NDArray[np.float32]:
        """Return the pairs, float32, shape (n, most features of a row, at least 1, 2).

        Unused places are (0, 0): they add nothing. float32 holds columns up to 2**24 exactly.
        """
        rows, columns, values = self.sparse(tokens)
        held = np.bincount(rows, minlength=len(tokens))
        pairs = np.zeros((len(tokens), max(1, held.max(initial=0)), 2), dtype=np.float32)
        place = np.arange(len(rows)) - (np.cumsum(held) - held)[rows]
        pairs[rows, place, 0] = columns
        pairs[rows, place, 1] = values
        return pairs

    def to_json(self) -> dict[str, Any]:
        """Return every part."""
        return {"kind": self.kind, "parts": [part.to_json() for part in self._parts]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any], vectors: WordVectors | None) -> Self:
        """Read what `to_json` wrote."""
        return cls([_KINDS[part["kind"]].from_json(part, vectors) for part in data["parts"]])


class IdEncoder:
    """Numbers of a comment's words, then of its pairs of neighbours; padded to the longest.

    0 is padding, 1 any unknown word; an unknown pair has no number. A comment without words
    counts as one unknown word, so that no mean is taken over nothing.

    Parameters
    ----------
    words
        The known words; the first has number 2.
    max_length
        Words of a comment beyond it are cut off.
    pairs
        The known pairs, a space between their words; they are numbered after the words.
    """

    kind: ClassVar[str] = "ids"

    def __init__(self, words: Sequence[str], max_length: int, pairs: Sequence[str] = ()) -> None:
        self.words, self._pairs = list(words), list(pairs)
        self._number = {word: number for number, word in enumerate(self.words, start=2)}
        self.first_pair = len(self.words) + 2
        self._pair = {pair: number for number, pair in enumerate(self._pairs, self.first_pair)}
        self.pairs = len(self._pairs)
        self._max_length = max_length
        self.size = self.first_pair + len(self._pairs)

    def numbers(self, words: Sequence[str]) -> list[int]:
        """Return the numbers of one comment, at least one."""
        cut = words[: self._max_length]
        found = [self._number.get(word, 1) for word in cut] or [1]
        couples = (f"{first} {second}" for first, second in itertools.pairwise(cut))
        return found + [self._pair[pair] for pair in couples if pair in self._pair]

    def dense(self, tokens: Tokens) -> npt.NDArray[np.int32]:
        """Return the numbers, int32, shape (n, longest comment, at least 1)."""
        rows = [self.numbers(words) for words in tokens]
        numbers = np.zeros((len(rows), max(map(len, rows), default=1)), dtype=np.int32)
        for place, row in enumerate(rows):
            numbers[place, : len(row)] = row
        return numbers

    def to_json(self) -> dict[str, Any]:
        """Return words, pairs and limit."""
        return {
            "kind": self.kind,
            "words": self.words,
            "max_length": self._max_length,
            "pairs": self._pairs,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any], vectors: WordVectors | None) -> Self:
        """Read what `to_json` wrote; needs no vectors."""
        return cls(data["words"], data["max_length"], data["pairs"])


_KINDS: dict[str, Any] = {
    cls.kind: cls
    for cls in (NgramEncoder, SubwordEncoder, MeanVectorEncoder, PackedEncoder, IdEncoder)
}


def encoder_from_json(data: Mapping[str, Any], vectors: WordVectors | None) -> Encoder:
    """Return the encoder that a model was written with.

    Raises
    ------
    ArtifactDamaged
        If its kind is unknown, or it needs other vectors.
    """
    if data.get("kind") not in _KINDS:
        raise ArtifactDamaged(
            f"expected an encoder among {', '.join(sorted(_KINDS))}, "
            f"but received {data.get('kind')!r}; promote another run"
        )
    found: Encoder = _KINDS[data["kind"]].from_json(data, vectors)
    return found

"""Token lists to arrays, the same code in training and serving, numpy only.

An encoder is learnt from token lists, written as JSON beside the model and read back by the
server. `dense` is what the server feeds; training takes `sparse`, the same numbers as triplets,
because a dense matrix of all reviews once took 1.5 GB where the sparse one takes 4 MB.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal, Protocol, Self

import numpy as np
import numpy.typing as npt

from satispy.core.errors import ArtifactDamaged, TrainingImpossible
from satispy.core.types import WordVectors

Tokens = Sequence[Sequence[str]]
Weighting = Literal["binary", "tfidf"]
Triplets = tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.float32]]


class Encoder(Protocol):
    """Makes the input of a graph."""

    def dense(self, tokens: Tokens) -> npt.NDArray[Any]:
        """Return the input for these comments, shape (n, ...)."""

    def to_json(self) -> dict[str, Any]:
        """Return everything but the word vectors."""


class NgramEncoder:
    """Single words and pairs of neighbours, binary or as tf-idf of unit length.

    Parameters
    ----------
    terms
        The columns: a word, or two with a space between.
    idf
        Weight of each column; None for binary features.
    """

    kind: ClassVar[str] = "ngrams"

    def __init__(self, terms: Sequence[str], idf: npt.NDArray[np.float32] | None) -> None:
        self._terms = list(terms)
        self._column = {term: column for column, term in enumerate(self._terms)}
        self._idf = idf
        self.width = len(self._terms)

    @classmethod
    def learn(
        cls, tokens: Tokens, weighting: Weighting, *, min_comments: int, max_terms: int
    ) -> Self:
        """Choose the columns.

        Parameters
        ----------
        tokens
            The comments of training.
        weighting
            ``binary`` or ``tfidf`` (smooth idf, sublinear tf, as scikit-learn defines them).
        min_comments
            A term in fewer comments is left out.
        max_terms
            The terms in most comments are kept; ties in alphabetical order.

        Raises
        ------
        TrainingImpossible
            If no term occurs in enough comments.
        """
        within: Counter[str] = Counter()
        for words in tokens:
            within.update(set(_terms(words)))
        frequent = sorted(
            (item for item in within.items() if item[1] >= min_comments),
            key=lambda item: (-item[1], item[0]),
        )[:max_terms]
        if not frequent:
            raise TrainingImpossible(
                f"expected words that occur in at least {min_comments} comments, but there are "
                f"none in {len(tokens)} comments; upload more of them"
            )
        frequent.sort()
        if weighting == "binary":
            return cls([term for term, _ in frequent], None)
        comments = np.array([count for _, count in frequent], dtype=np.float64)
        idf = np.log((1 + len(tokens)) / (1 + comments)) + 1
        return cls([term for term, _ in frequent], idf.astype(np.float32))

    def sparse(self, tokens: Tokens) -> Triplets:
        """Return rows, columns and values of what is not zero; each place once."""
        rows: list[int] = []
        columns: list[int] = []
        counts: list[int] = []
        known = self._column
        for row, words in enumerate(tokens):
            found = Counter(known[term] for term in _terms(words) if term in known)
            rows.extend([row] * len(found))
            columns.extend(found)
            counts.extend(found.values())
        row_of = np.array(rows, dtype=np.int32)
        column_of = np.array(columns, dtype=np.int32)
        if self._idf is None:
            return row_of, column_of, np.ones(len(rows), dtype=np.float32)
        values = (1 + np.log(np.array(counts, dtype=np.float64))) * self._idf[column_of]
        length = np.sqrt(np.bincount(row_of, values**2, minlength=len(tokens)))
        return row_of, column_of, (values / length[row_of]).astype(np.float32)

    def dense(self, tokens: Tokens) -> npt.NDArray[np.float32]:
        """Return the features, float32, shape (n, terms); meant for few comments at a time."""
        matrix = np.zeros((len(tokens), self.width), dtype=np.float32)
        rows, columns, values = self.sparse(tokens)
        matrix[rows, columns] = values
        return matrix

    def to_json(self) -> dict[str, Any]:
        """Return columns and weights."""
        idf = None if self._idf is None else [float(value) for value in self._idf]
        return {"kind": self.kind, "terms": self._terms, "idf": idf}

    @classmethod
    def from_json(cls, data: Mapping[str, Any], vectors: WordVectors | None) -> Self:
        """Read what `to_json` wrote; needs no vectors."""
        idf = data["idf"]
        return cls(data["terms"], None if idf is None else np.array(idf, dtype=np.float32))


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


class ConcatEncoder:
    """Several encoders side by side."""

    kind: ClassVar[str] = "concat"

    def __init__(self, parts: Sequence[NgramEncoder | MeanVectorEncoder]) -> None:
        self._parts = list(parts)

    def dense(self, tokens: Tokens) -> npt.NDArray[np.float32]:
        """Return the features of all parts, float32, shape (n, sum of widths)."""
        return np.hstack([part.dense(tokens) for part in self._parts])

    def to_json(self) -> dict[str, Any]:
        """Return every part."""
        return {"kind": self.kind, "parts": [part.to_json() for part in self._parts]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any], vectors: WordVectors | None) -> Self:
        """Read what `to_json` wrote."""
        return cls([_KINDS[part["kind"]].from_json(part, vectors) for part in data["parts"]])


class IdEncoder:
    """Numbers of the words, padded to the longest comment: 0 padding, 1 any unknown word.

    A comment without words counts as one unknown word, so that no mean is taken over nothing.

    Parameters
    ----------
    words
        The known words; the first has number 2.
    max_length
        Words of a comment beyond it are cut off.
    """

    kind: ClassVar[str] = "ids"

    def __init__(self, words: Sequence[str], max_length: int) -> None:
        self._words = list(words)
        self._number = {word: number for number, word in enumerate(self._words, start=2)}
        self._max_length = max_length
        self.size = len(self._words) + 2

    def dense(self, tokens: Tokens) -> npt.NDArray[np.int32]:
        """Return the numbers, int32, shape (n, longest comment, at least 1)."""
        longest = min(self._max_length, max(map(len, tokens), default=0))
        numbers = np.zeros((len(tokens), max(1, longest)), dtype=np.int32)
        for row, words in enumerate(tokens):
            cut = [self._number.get(word, 1) for word in words[:longest]] or [1]
            numbers[row, : len(cut)] = cut
        return numbers

    def to_json(self) -> dict[str, Any]:
        """Return words and limit."""
        return {"kind": self.kind, "words": self._words, "max_length": self._max_length}

    @classmethod
    def from_json(cls, data: Mapping[str, Any], vectors: WordVectors | None) -> Self:
        """Read what `to_json` wrote; needs no vectors."""
        return cls(data["words"], data["max_length"])


_KINDS: dict[str, Any] = {
    cls.kind: cls for cls in (NgramEncoder, MeanVectorEncoder, ConcatEncoder, IdEncoder)
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


def _terms(words: Sequence[str]) -> Iterator[str]:
    yield from words
    for first, second in itertools.pairwise(words):
        yield f"{first} {second}"

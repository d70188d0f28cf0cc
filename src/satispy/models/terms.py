"""Which terms a comment holds, as columns: words and pairs of words, or pieces of words.

Numpy only. Training takes `sparse`, because a dense matrix of all reviews once took 1.5 GB where
the sparse one takes 4 MB.
"""

from __future__ import annotations

import functools
import itertools
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt

from satispy.core.errors import TrainingImpossible

Tokens = Sequence[Sequence[str]]
Weighting = Literal["binary", "tfidf"]
Triplets = tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.float32]]
"""Rows, columns and values of what is not zero; each place once."""
Counted = tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int64]]
"""Rows, columns, and how often the term of the column occurs in the comment of the row."""
Columns = npt.NDArray[np.int64]

_SHORTEST, _LONGEST = 2, 5
_ROWS = 1024  # comments at a time, while pieces are counted
_WORDS_KEPT = 16_384
_LONGEST_KEPT = 40
"""Letters of a word that is remembered: a sender could fill the memory with longer ones."""


class TermEncoder(ABC):
    """Terms of a comment, binary or as tf-idf of unit length.

    Parameters
    ----------
    terms
        The columns.
    idf
        Weight of each column; None for binary features.
    """

    kind: ClassVar[str]

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
        within = cls._comments_with_each(tokens)
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
        """Return rows, columns and values of what is not zero, row after row."""
        row_of, column_of, counts = self._counted(tokens)
        if self._idf is None:
            return row_of, column_of, np.ones(len(row_of), dtype=np.float32)
        values = (1 + np.log(counts)) * self._idf[column_of]
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
        # "%.9g" is the shortest form that gives every float32 back
        idf = None if self._idf is None else [float(f"{value:.9g}") for value in self._idf]
        return {"kind": self.kind, "terms": self._terms, "idf": idf}

    @classmethod
    def from_json(cls, data: Mapping[str, Any], vectors: object) -> Self:
        """Read what `to_json` wrote; needs no vectors."""
        idf = data["idf"]
        return cls(data["terms"], None if idf is None else np.array(idf, dtype=np.float32))

    @classmethod
    @abstractmethod
    def _comments_with_each(cls, tokens: Tokens) -> Mapping[str, int]:
        """Count the comments that each term occurs in."""

    @abstractmethod
    def _counted(self, tokens: Tokens) -> Counted:
        """Return which term occurs where, row after row, and how often."""


class NgramEncoder(TermEncoder):
    """Single words, and pairs of neighbours with a space between: "pas", "pas bien"."""

    kind: ClassVar[str] = "ngrams"

    @classmethod
    def _comments_with_each(cls, tokens: Tokens) -> Mapping[str, int]:
        within: Counter[str] = Counter()
        for words in tokens:
            within.update(set(_words_and_pairs(words)))
        return within

    def _counted(self, tokens: Tokens) -> Counted:
        known = self._column
        rows: list[int] = []
        columns: list[int] = []
        counts: list[int] = []
        for row, words in enumerate(tokens):
            found = Counter(known[term] for term in _words_and_pairs(words) if term in known)
            rows.extend([row] * len(found))
            columns.extend(found)
            counts.extend(found.values())
        return (
            np.array(rows, dtype=np.int32),
            np.array(columns, dtype=np.int32),
            np.array(counts, dtype=np.int64),
        )


class SubwordEncoder(TermEncoder):
    """Pieces of 2 to 5 letters inside words, whose ends count as a space.

    They read misspellings ("livrason") and forms never seen ("décevants"): scikit-learn's
    ``char_wb``. The pieces of a word are found once, for comments repeat their words; what is
    left to do for a comment is done by numpy, in a third of the time.
    """

    kind: ClassVar[str] = "subwords"

    def __init__(self, terms: Sequence[str], idf: npt.NDArray[np.float32] | None) -> None:
        super().__init__(terms, idf)
        self._of_known_word = functools.lru_cache(maxsize=_WORDS_KEPT)(self._find)

    @classmethod
    def _comments_with_each(cls, tokens: Tokens) -> Mapping[str, int]:
        number: dict[str, int] = {}

        @functools.cache
        def numbers(word: str) -> Columns:
            return np.array([number.setdefault(piece, len(number)) for piece in _pieces(word)])

        counts = np.zeros(0, dtype=np.int64)
        for first in range(0, len(tokens), _ROWS):
            _, pieces, _ = _count(tokens[first : first + _ROWS], numbers)
            found = np.bincount(pieces, minlength=len(number))
            found[: len(counts)] += counts
            counts = found
        return dict(zip(number, counts.tolist(), strict=True))

    def _counted(self, tokens: Tokens) -> Counted:
        return _count(tokens, self._columns_of)

    def _columns_of(self, word: str) -> Columns:
        return self._of_known_word(word) if len(word) <= _LONGEST_KEPT else self._find(word)

    def _find(self, word: str) -> Columns:
        known = self._column
        return np.array([known[piece] for piece in _pieces(word) if piece in known], dtype=np.int64)


def _words_and_pairs(words: Sequence[str]) -> Iterator[str]:
    yield from words
    for first, second in itertools.pairwise(words):
        yield f"{first} {second}"


def _pieces(word: str) -> Iterator[str]:
    padded = f" {word} "
    for length in range(_SHORTEST, min(_LONGEST, len(padded)) + 1):
        for start in range(len(padded) - length + 1):
            yield padded[start : start + length]


def _count(tokens: Tokens, columns_of: Callable[[str], Columns]) -> Counted:
    """Return how often each column occurs in each row, where a word always has the same columns."""
    of_words = [columns_of(word) for words in tokens for word in words]
    columns = np.concatenate([np.zeros(0, dtype=np.int64), *of_words])
    row_of_word = np.repeat(np.arange(len(tokens)), [len(words) for words in tokens])
    rows = np.repeat(row_of_word, [len(found) for found in of_words])
    width = int(columns.max(initial=0)) + 1
    places, counts = np.unique(rows * width + columns, return_counts=True)
    return (places // width).astype(np.int32), (places % width).astype(np.int32), counts

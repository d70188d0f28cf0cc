"""Answers to comments that a model had not seen: what calibration and reports are made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from satispy.core.errors import InvalidInput

NO_FOLD = -1


@dataclass(frozen=True)
class HeldOut:
    """Out-of-fold answers of a training.

    Attributes
    ----------
    fold
        int64, shape (n,): the slice of each comment, from 0; -1 where the training left it out.
        No text stands in two slices.
    probabilities
        float32, shape (n,): P(label 1) by a model that saw nothing of the comment's slice; NaN
        where a comment was never held out.

    Raises
    ------
    InvalidInput
        If shapes or types differ from these, or nothing was held out.
    """

    fold: npt.NDArray[np.int64]
    probabilities: npt.NDArray[np.float32]

    def __post_init__(self) -> None:
        types = (self.fold.dtype.name, self.probabilities.dtype.name)
        if self.fold.shape != self.probabilities.shape or types != ("int64", "float32"):
            raise InvalidInput(
                "expected a fold (int64) and a probability (float32) for each comment, but "
                f"received {types} of shapes {self.fold.shape} and {self.probabilities.shape}"
            )
        held = self.rows
        if not held.size or (self.fold[held] < 0).any():
            raise InvalidInput("expected held-out comments, each in a fold, but there are none")

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """The comments that were held out, int64, in order."""
        return np.flatnonzero(~np.isnan(self.probabilities))

    def among(self, rows: npt.NDArray[np.int64], count: int) -> HeldOut:
        """Return the same, told of `count` comments of which these were at `rows`."""
        fold = np.full(count, NO_FOLD, dtype=np.int64)
        probabilities = np.full(count, np.nan, dtype=np.float32)
        fold[rows], probabilities[rows] = self.fold, self.probabilities
        return HeldOut(fold, probabilities)


def out_of_fold(
    fold: npt.NDArray[np.int64],
    score: Callable[[npt.NDArray[np.int64], npt.NDArray[np.int64]], npt.NDArray[np.float64]],
) -> npt.NDArray[np.float64]:
    """Let each fold be scored by a model that learnt from the others.

    Parameters
    ----------
    fold
        Fold of each comment, shape (n,).
    score
        Learns from the rows given first; returns a score for each of the rows given second.

    Returns
    -------
    ndarray
        float64, shape (n,).
    """
    scores = np.empty(len(fold), dtype=np.float64)
    for held in np.unique(fold):
        scores[fold == held] = score(np.flatnonzero(fold != held), np.flatnonzero(fold == held))
    return scores

"""Scores to probabilities: Platt's sigmoid, learnt on scores of comments that were held out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

_LOOSE = 1e6  # C of the regression: two numbers from hundreds of comments need no penalty


@dataclass(frozen=True)
class Sigmoid:
    """P(label 1) = 1 / (1 + exp(-(slope * score + offset)))."""

    slope: float
    offset: float

    @classmethod
    def learn(cls, scores: npt.NDArray[np.float64], labels: npt.NDArray[np.int8]) -> Sigmoid:
        """Fit slope and offset by maximum likelihood.

        The targets are Platt's, slightly inside of 0 and 1, so that scores which part the classes
        wholly do not make the slope endless (Platt 1999, Probabilistic Outputs for Support Vector
        Machines, section 2.2).

        Parameters
        ----------
        scores
            Of comments that the model had not seen, shape (n,).
        labels
            0 or 1, shape (n,).

        Returns
        -------
        Sigmoid
            Increasing, unless the scores say the contrary of the labels.
        """
        positive = int(labels.sum())
        negative = len(labels) - positive
        target = np.where(labels == 1, (positive + 1) / (positive + 2), 1 / (negative + 2))
        fitted = LogisticRegression(C=_LOOSE, tol=1e-8, max_iter=1000).fit(
            np.tile(scores, 2)[:, None],
            np.repeat([1, 0], len(labels)),
            sample_weight=np.concatenate([target, 1 - target]),
        )
        return cls(float(fitted.coef_[0, 0]), float(fitted.intercept_[0]))

    def __call__(self, scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
        """Return the probabilities, float32, shape (n,)."""
        return np.asarray(expit(self.log_odds(scores)), dtype=np.float32)

    def log_odds(self, scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the logarithms of their odds, float64, shape (n,)."""
        return self.slope * np.asarray(scores, dtype=np.float64) + self.offset

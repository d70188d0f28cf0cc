"""Do the probabilities mean what they say: the calibration curve, in bins fixed beforehand."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

BINS = 10
"""Of equal width from 0 to 1, the same for every run, so that curves compare."""


def calibration_curve(
    labels: npt.NDArray[np.int8], probabilities: npt.NDArray[np.float32]
) -> list[dict[str, Any]]:
    """Compare, bin by bin, the probabilities given with what came true.

    Parameters
    ----------
    labels
        True labels, shape (n,).
    probabilities
        P(label 1), shape (n,).

    Returns
    -------
    list of dict
        Per bin ``low`` and ``high`` (its ends; the lower one belongs to it, and 1 to the last),
        ``n``, ``mean_probability`` and ``share_positive``; the last two are None in an empty bin.
    """
    exact = probabilities.astype(np.float64)
    places = np.minimum((exact * BINS).astype(np.int64), BINS - 1)
    rows = np.bincount(places, minlength=BINS)
    given = np.bincount(places, weights=exact, minlength=BINS)
    true = np.bincount(places, weights=labels, minlength=BINS)
    return [
        {
            "low": place / BINS,
            "high": (place + 1) / BINS,
            "n": int(rows[place]),
            "mean_probability": float(given[place] / rows[place]) if rows[place] else None,
            "share_positive": float(true[place] / rows[place]) if rows[place] else None,
        }
        for place in range(BINS)
    ]


def expected_error(bins: Sequence[dict[str, Any]]) -> float:
    """Return the expected calibration error: the mean gap of the bins, weighted by their rows.

    sum over bins of n_b / n times abs(share_positive_b - mean_probability_b) (Naeini, Cooper and
    Hauskrecht, 2015). 0 is perfect; a sample of n rows gives a little more even then.
    """
    rows = sum(one["n"] for one in bins)
    gaps = (
        one["n"] * abs(one["share_positive"] - one["mean_probability"]) for one in bins if one["n"]
    )
    return float(sum(gaps) / rows)

"""Scores as pure functions of labels and probabilities."""

from typing import Any

import numpy as np
import numpy.typing as npt

from satispy.core.errors import InvalidInput
from satispy.core.types import Scores

THRESHOLD = 0.5
"""From this probability of label 1 on, a comment counts as positive."""
_SMALLEST = 1e-15

Labels = npt.NDArray[np.int8]
Probabilities = npt.NDArray[np.float32]


def headline(labels: Labels, probabilities: Probabilities) -> Scores:
    """Return accuracy and the F1 of both classes.

    Parameters
    ----------
    labels
        True labels, 0 or 1, shape (n,), n at least 1.
    probabilities
        P(label 1), shape (n,).

    Returns
    -------
    Scores
        Fractions of 1; the F1 of a class that neither occurs nor is predicted is 0.

    Raises
    ------
    InvalidInput
        If the lengths differ, nothing is there, or a value is out of range.
    """
    table = _confusion(labels, probabilities)
    return Scores(
        accuracy=float(table.trace() / table.sum()), f1_0=_f1(table, 0), f1_1=_f1(table, 1)
    )


def details(labels: Labels, probabilities: Probabilities) -> dict[str, Any]:
    """Return everything else a report shows, ready for JSON.

    Parameters
    ----------
    labels
        True labels, 0 or 1, shape (n,).
    probabilities
        P(label 1), shape (n,).

    Returns
    -------
    dict
        ``n``; ``n_0`` and ``n_1`` (true labels); ``confusion`` (rows: true, columns: predicted);
        ``precision_0``, ``recall_0``, ``precision_1``, ``recall_1``; ``macro_f1``;
        ``log_loss`` (nats) and ``brier``.

    Raises
    ------
    InvalidInput
        As `headline`.
    """
    table = _confusion(labels, probabilities)
    exact = probabilities.astype(np.float64)
    of_truth = np.clip(np.where(labels == 1, exact, 1 - exact), _SMALLEST, 1.0)
    result: dict[str, Any] = {
        "n": int(table.sum()),
        "n_0": int(table[0].sum()),
        "n_1": int(table[1].sum()),
        "confusion": table.tolist(),
        "macro_f1": (_f1(table, 0) + _f1(table, 1)) / 2,
        "log_loss": float(-np.log(of_truth).mean()),
        "brier": float(((exact - labels) ** 2).mean()),
    }
    for label in (0, 1):
        result[f"precision_{label}"] = _ratio(table[label, label], table[:, label].sum())
        result[f"recall_{label}"] = _ratio(table[label, label], table[label].sum())
    return result


def _confusion(labels: Labels, probabilities: Probabilities) -> npt.NDArray[np.int64]:
    if labels.ndim != 1 or labels.shape != probabilities.shape or not labels.size:
        raise InvalidInput(
            "expected as many labels as probabilities, at least one, "
            f"but received shapes {labels.shape} and {probabilities.shape}"
        )
    if not np.isin(labels, (0, 1)).all():
        raise InvalidInput(
            f"expected labels 0 and 1, but received {np.unique(labels).tolist()}; "
            "map stars with satispy.core.types.label_of_star"
        )
    if not ((probabilities >= 0) & (probabilities <= 1)).all():  # also refuses NaN
        raise InvalidInput("expected probabilities from 0 to 1, but one is outside or NaN")
    predicted = (probabilities >= THRESHOLD).astype(np.int64)
    return np.bincount(labels.astype(np.int64) * 2 + predicted, minlength=4).reshape(2, 2)


def _f1(table: npt.NDArray[np.int64], label: int) -> float:
    return _ratio(2 * table[label, label], table[label].sum() + table[:, label].sum())


def _ratio(part: np.int64, whole: np.int64) -> float:
    return float(part / whole) if whole else 0.0

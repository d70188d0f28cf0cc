"""Scores as pure functions of labels and probabilities."""

from typing import Any

import numpy as np
import numpy.typing as npt

from satispy.core.errors import InvalidInput
from satispy.core.types import LABEL_FROM, Scores
from satispy.evaluation.calibration import calibration_curve, expected_error

_SMALLEST = 1e-15

Labels = npt.NDArray[np.int8]
Probabilities = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


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
    found = scores_of_table(_confusion(labels, probabilities).reshape(4))
    return Scores(**{name: float(found[name]) for name in ("accuracy", "f1_0", "f1_1")})


def details(labels: Labels, probabilities: Probabilities) -> dict[str, Any]:
    """Return everything else a report shows of the scores, ready for JSON.

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
        ``log_loss`` (nats), ``brier``; ``roc_auc`` (None where a class is missing);
        ``calibration_error``, and ``calibration``, its bins.

    Raises
    ------
    InvalidInput
        As `headline`.
    """
    table = _confusion(labels, probabilities)
    scores = scores_of_table(table.reshape(4))
    shown = ("precision_0", "recall_0", "precision_1", "recall_1")
    bins = calibration_curve(labels, probabilities)
    return {
        "n": int(table.sum()),
        "n_0": int(table[0].sum()),
        "n_1": int(table[1].sum()),
        "confusion": table.tolist(),
        "macro_f1": float(scores["macro_f1"]),
        "log_loss": float(log_losses(labels, probabilities).mean()),
        "brier": float(squared_errors(labels, probabilities).mean()),
        "roc_auc": roc_auc(labels, probabilities),
        "calibration_error": expected_error(bins),
        **{name: float(scores[name]) for name in shown},
        "calibration": bins,
    }


def scores_of_table(tables: npt.NDArray[Any]) -> dict[str, Floats]:
    """Return the scores that follow from confusion tables, all tables at once.

    Parameters
    ----------
    tables
        Counts, shape (..., 4): true 0 called 0, true 0 called 1, true 1 called 0, true 1 called 1.

    Returns
    -------
    dict
        ``accuracy``; of each class its ``precision`` P = right / predicted, ``recall``
        R = right / true and ``f1`` = 2 right / (true + predicted), the harmonic mean of P and R
        (van Rijsbergen, 1979); ``macro_f1``, the mean of both F1. Each of shape (...); 0 where
        the divisor is 0.
    """
    right = {0: tables[..., 0], 1: tables[..., 3]}
    true = {0: tables[..., 0] + tables[..., 1], 1: tables[..., 2] + tables[..., 3]}
    called = {0: tables[..., 0] + tables[..., 2], 1: tables[..., 1] + tables[..., 3]}
    scores = {"accuracy": _ratio(right[0] + right[1], true[0] + true[1])}
    for label in (0, 1):
        scores[f"precision_{label}"] = _ratio(right[label], called[label])
        scores[f"recall_{label}"] = _ratio(right[label], true[label])
        scores[f"f1_{label}"] = _ratio(2 * right[label], true[label] + called[label])
    scores["macro_f1"] = (scores["f1_0"] + scores["f1_1"]) / 2
    return scores


def predicted(probabilities: Probabilities) -> Labels:
    """Return the label that each probability counts as, shape (n,)."""
    return (probabilities >= LABEL_FROM).astype(np.int8)


def log_losses(labels: Labels, probabilities: Probabilities) -> Floats:
    """Return -ln P(true label) of each row, in nats; P is at least 1e-15, so none is infinite."""
    exact = probabilities.astype(np.float64)
    losses: Floats = -np.log(np.clip(np.where(labels == 1, exact, 1 - exact), _SMALLEST, 1.0))
    return losses


def squared_errors(labels: Labels, probabilities: Probabilities) -> Floats:
    """Return (P(label 1) - label)² of each row; their mean is the Brier score (Brier, 1950)."""
    errors: Floats = (probabilities.astype(np.float64) - labels) ** 2
    return errors


def roc_auc(labels: Labels, probabilities: Probabilities) -> float | None:
    """Return how often a positive row is ranked above a negative one, ties counting half.

    Parameters
    ----------
    labels
        True labels, shape (n,).
    probabilities
        P(label 1), shape (n,).

    Returns
    -------
    float or None
        Area under the ROC curve by the Mann-Whitney statistic (Hanley and McNeil, 1982); None
        where a class is missing, for then there is nothing to rank.
    """
    positive = labels == 1
    pairs = int(positive.sum()) * int((~positive).sum())
    if not pairs:
        return None
    _, places = np.unique(probabilities, return_inverse=True)
    above = np.bincount(places, weights=positive)
    below = np.bincount(places, weights=~positive)
    beaten = np.cumsum(below) - below / 2
    return float(above @ beaten / pairs)


def _confusion(labels: Labels, probabilities: Probabilities) -> Counts:
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
    cells = labels.astype(np.int64) * 2 + predicted(probabilities)
    return np.bincount(cells, minlength=4).reshape(2, 2)


def _ratio(part: npt.NDArray[Any], whole: npt.NDArray[Any]) -> Floats:
    shares: Floats = np.zeros(np.shape(whole))
    np.divide(part, whole, out=shares, where=np.asarray(whole) != 0)
    return shares

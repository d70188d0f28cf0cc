"""How sure a score is: percentile intervals from resampled texts.

One text in twenty is a repetition ("parfait" 277 times), so rows are not independent: what is
drawn with replacement is texts, and a text brings all its rows (the cluster bootstrap: Efron and
Tibshirani, *An Introduction to the Bootstrap*, 1993, chapters 8 and 13).

Scores that follow from counts need no drawing text by text: texts that add the same counts are
alike, so one multinomial draw over the few kinds of texts has exactly the same distribution.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from satispy.evaluation.metrics import (
    Counts,
    Floats,
    Labels,
    Probabilities,
    log_losses,
    scores_of_table,
    squared_errors,
)

LEVEL = 0.95
RESAMPLES = 1000
FEWEST_RESAMPLES = 200
_CELLS = 20_000_000
"""Resamples x rows of the probability scores, at most: a huge exam takes fewer resamples."""
_CELLS_AT_ONCE = 2_000_000

Interval = tuple[float, float]


def score_intervals(
    labels: Labels,
    answers: Labels,
    texts: Counts,
    *,
    seed: int,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> dict[str, Interval]:
    """Return the interval of each score that follows from the confusion table.

    Parameters
    ----------
    labels, answers
        True and predicted labels, 0 or 1, shape (n,), n at least 1.
    texts
        Number of each row's text, shape (n,); equal texts have equal numbers.
    seed
        Seed of the resampling.
    resamples
        How many.
    level
        Share of the resampled scores that the interval holds.

    Returns
    -------
    dict
        Name of the score, as in `scores_of_table`, to (low, high).
    """
    cells = labels.astype(np.int64) * 2 + answers
    tables = _resampled_counts(cells, 4, texts, seed=seed, resamples=resamples)
    return {name: _interval(values, level) for name, values in scores_of_table(tables).items()}


def paired_difference(
    labels: Labels,
    answers: Labels,
    others: Labels,
    texts: Counts,
    *,
    scores: Sequence[str],
    seed: int,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> dict[str, dict[str, float]]:
    """Return by how much one model scores above another on the same rows.

    Both are judged on each resample together, so what makes a resample hard cancels out: the
    interval is much narrower than two separate ones suggest.

    Parameters
    ----------
    labels
        True labels, shape (n,).
    answers, others
        Predicted labels of the one and the other model, shape (n,).
    texts
        Number of each row's text, shape (n,).
    scores
        Which to compare; names as in `scores_of_table`.
    seed, resamples, level
        As for `score_intervals`.

    Returns
    -------
    dict
        Per score ``value`` (the one minus the other), ``low`` and ``high``; above 0 throughout
        means better, around 0 means that the exam cannot tell them apart.
    """
    seen, drawn = paired_draws(
        labels, answers, others, texts, scores=scores, seed=seed, resamples=resamples
    )
    differences = {}
    for name in scores:
        low, high = _interval(drawn[name], level)
        differences[name] = {"value": seen[name], "low": low, "high": high}
    return differences


def paired_draws(
    labels: Labels,
    answers: Labels,
    others: Labels,
    texts: Counts,
    *,
    scores: Sequence[str],
    seed: int,
    resamples: int = RESAMPLES,
) -> tuple[dict[str, float], dict[str, Floats]]:
    """Return what `paired_difference` sums up: per score the difference, and the resampled ones.

    Parameters
    ----------
    labels, answers, others, texts, scores, seed, resamples
        As for `paired_difference`.

    Returns
    -------
    tuple of dict
        Score to the difference seen; score to the differences of the resamples, shape (resamples,).
    """
    cells = labels.astype(np.int64) * 4 + answers * 2 + others
    counts = _resampled_counts(cells, 8, texts, seed=seed, resamples=resamples)
    observed = np.bincount(cells, minlength=8)
    seen = {name: float(_first_minus_second(observed, name)) for name in scores}
    return seen, {name: _first_minus_second(counts, name) for name in scores}


def probability_intervals(
    labels: Labels,
    probabilities: Probabilities,
    texts: Counts,
    *,
    seed: int,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> dict[str, Interval]:
    """Return the intervals of ``log_loss``, ``brier`` and, with both classes, ``roc_auc``.

    Parameters
    ----------
    labels
        True labels, shape (n,).
    probabilities
        P(label 1), shape (n,).
    texts
        Number of each row's text, shape (n,).
    seed, resamples, level
        As for `score_intervals`; where n is above 20 000, fewer resamples are drawn, 200 at
        least, so that the cost stops growing faster than n.

    Returns
    -------
    dict
        Name to (low, high). A resample without one of the classes has no ROC-AUC and is left out.
    """
    count = min(resamples, max(FEWEST_RESAMPLES, _CELLS // len(labels)))
    order = np.argsort(probabilities, kind="stable")
    ranked = probabilities[order]
    ties = np.flatnonzero(np.concatenate(([True], ranked[1:] != ranked[:-1])))
    positive = labels[order].astype(np.int32)
    losses = np.stack([log_losses(labels, probabilities), squared_errors(labels, probabilities)])
    means, areas = [], []
    for of_rows in _resampled_rows(texts, seed=seed, resamples=count):
        means.append(of_rows @ losses.T / of_rows.sum(axis=1, keepdims=True))
        of_ranks = of_rows[:, order]
        above = np.add.reduceat(of_ranks * positive, ties, axis=1)
        below = np.add.reduceat(of_ranks * (1 - positive), ties, axis=1)
        beaten = np.cumsum(below, axis=1) - below / 2
        pairs = above.sum(axis=1, dtype=np.float64) * below.sum(axis=1)
        usable = pairs > 0
        areas.append((above * beaten).sum(axis=1)[usable] / pairs[usable])
    loss, brier = np.concatenate(means).T
    found = {"log_loss": _interval(loss, level), "brier": _interval(brier, level)}
    if len(area := np.concatenate(areas)):
        found["roc_auc"] = _interval(area, level)
    return found


def with_ends(values: Mapping[str, Any], ends: Mapping[str, Interval]) -> dict[str, Any]:
    """Return the values for JSON, each followed by ``_low`` and ``_high`` where it has an interval.

    Parameters
    ----------
    values
        Name to value; None stays alone.
    ends
        Name to (low, high).
    """
    found: dict[str, Any] = {}
    for name, value in values.items():
        found[name] = value
        if name in ends and value is not None:
            found[f"{name}_low"], found[f"{name}_high"] = ends[name]
    return found


def _resampled_counts(
    cells: Counts, kinds_of_cells: int, texts: Counts, *, seed: int, resamples: int
) -> Counts:
    """Return how many rows fall into each cell in each resample, shape (resamples, cells)."""
    distinct, groups = np.unique(texts, return_inverse=True)
    of_text = np.bincount(groups * kinds_of_cells + cells, minlength=len(distinct) * kinds_of_cells)
    kinds, often = np.unique(
        of_text.reshape(len(distinct), kinds_of_cells), axis=0, return_counts=True
    )
    chance = np.random.default_rng(seed)
    drawn = chance.multinomial(len(distinct), often / len(distinct), size=resamples)
    counts: Counts = drawn @ kinds
    return counts


def _resampled_rows(texts: Counts, *, seed: int, resamples: int) -> Iterator[npt.NDArray[Any]]:
    """Yield how often each row is drawn in each resample, int32, some resamples at a time."""
    distinct, groups = np.unique(texts, return_inverse=True)
    chance = np.random.default_rng(seed)
    at_once = max(1, _CELLS_AT_ONCE // len(texts))
    for start in range(0, resamples, at_once):
        count = min(at_once, resamples - start)
        drawn = chance.integers(0, len(distinct), size=(count, len(distinct)))
        drawn += np.arange(count)[:, None] * len(distinct)
        often = np.bincount(drawn.ravel(), minlength=count * len(distinct))
        yield often.reshape(count, len(distinct))[:, groups].astype(np.int32)


def _first_minus_second(counts: Counts, name: str) -> Floats:
    """Return a score of the first model minus that of the second, from (true, first, second)."""
    cube = counts.reshape(*counts.shape[:-1], 2, 2, 2)
    first = cube.sum(axis=-1).reshape(*counts.shape[:-1], 4)
    second = cube.sum(axis=-2).reshape(*counts.shape[:-1], 4)
    difference: Floats = scores_of_table(first)[name] - scores_of_table(second)[name]
    return difference


def _interval(values: Floats, level: float) -> Interval:
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)

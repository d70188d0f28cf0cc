"""The judgement on one model: its scores, how sure they are, where they fail, what they beat.

Everything is a pure function of labels, probabilities, traits and a seed, ready for JSON: the
same inputs give the same report.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from satispy.evaluation.bootstrap import (
    FEWEST_RESAMPLES,
    LEVEL,
    RESAMPLES,
    paired_difference,
    probability_intervals,
    score_intervals,
    with_ends,
)
from satispy.evaluation.metrics import (
    Labels,
    Probabilities,
    details,
    headline,
    predicted,
    scores_of_table,
)
from satispy.evaluation.slices import SCORES, Traits, groupings, slice_scores

SCHEMA = 2
"""Of a report; 1 is the one that had neither this number nor intervals."""


def examine(
    labels: Labels, probabilities: Probabilities, traits: Traits, *, seed: int
) -> dict[str, Any]:
    """Judge one model on one exam.

    Parameters
    ----------
    labels
        True labels, 0 or 1, shape (n,), n at least 1.
    probabilities
        P(label 1), shape (n,).
    traits
        What is known of the n reviews besides.
    seed
        Seed of the intervals.

    Returns
    -------
    dict
        ``schema_version``; the headline scores and ``macro_f1``, each with ``_low`` and ``_high``;
        ``exam_rows`` and ``exam_texts`` (distinct ones); ``interval`` (how the ends were found);
        ``details`` (as `satispy.evaluation.metrics.details`, with ends); ``slices``.

    Raises
    ------
    InvalidInput
        As `satispy.evaluation.metrics.headline`.
    """
    answers = predicted(probabilities)
    scores = vars(headline(labels, probabilities))
    further = details(labels, probabilities)
    ends = score_intervals(labels, answers, traits.texts, seed=seed)
    ends |= probability_intervals(labels, probabilities, traits.texts, seed=seed)
    values = scores | {"macro_f1": further["macro_f1"]}
    return {
        "schema_version": SCHEMA,
        **with_ends(values, ends),
        "exam_rows": len(labels),
        "exam_texts": len(np.unique(traits.texts)),
        "interval": {
            "level": LEVEL,
            "method": "percentile bootstrap over distinct texts",
            "resamples": RESAMPLES,
            "fewest_resamples": FEWEST_RESAMPLES,
            "seed": seed,
        },
        "details": with_ends(further, {name: ends[name] for name in ends if name not in scores}),
        "slices": slices(labels, answers, traits, seed=seed),
    }


def slices(labels: Labels, answers: Labels, traits: Traits, *, seed: int) -> dict[str, Any]:
    """Score the slices of every kind; per kind a list, as `slice_scores` gives it."""
    return {
        kind: slice_scores(labels, answers, traits.texts, grouping, seed=seed)
        for kind, grouping in groupings(traits).items()
    }


def beside(
    labels: Labels, answers: Labels, others: Labels, traits: Traits, *, seed: int
) -> dict[str, Any]:
    """Score another model, or a rule, and say by how much the judged one is above it.

    Parameters
    ----------
    labels
        True labels, shape (n,).
    answers
        Predicted by the judged model, shape (n,).
    others
        Predicted by the other, shape (n,).
    traits
        What is known of the n reviews besides.
    seed
        Seed of the intervals.

    Returns
    -------
    dict
        The other's headline scores and macro-F1 with their ends; ``difference``: per score
        ``value`` (judged minus other), ``low`` and ``high``, from one paired bootstrap;
        ``within_source``: the other's scores within each source, as a list of slices.
    """
    values = scores_of_labels(labels, others)
    ends = score_intervals(labels, others, traits.texts, seed=seed)
    by_source = groupings(traits)["source"]
    return {
        **with_ends(values, ends),
        "difference": paired_difference(
            labels, answers, others, traits.texts, scores=SCORES, seed=seed
        ),
        "within_source": slice_scores(labels, others, traits.texts, by_source, seed=seed),
    }


def scores_of_labels(labels: Labels, answers: Labels) -> dict[str, float]:
    """Return the headline scores and macro-F1 of answers without probabilities."""
    found = scores_of_table(np.bincount(labels.astype(np.int64) * 2 + answers, minlength=4))
    return {name: float(found[name]) for name in SCORES}

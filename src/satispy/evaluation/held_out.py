"""Scores of cross-validation: predictions for reviews that the model of their fold did not see.

Steadier than one exam, for each review of the training side is judged once; but the models are
those of the folds, a little smaller than the one that is served.
"""

from __future__ import annotations

import statistics
from typing import Any

import numpy as np

from satispy.evaluation.bootstrap import score_intervals, with_ends
from satispy.evaluation.examination import beside, scores_of_labels, slices
from satispy.evaluation.metrics import Counts, Labels, Probabilities, details, predicted
from satispy.evaluation.slices import SCORES, Traits


def held_out_scores(
    labels: Labels,
    probabilities: Probabilities,
    folds: Counts,
    by_rule: Labels,
    traits: Traits,
    *,
    seed: int,
) -> dict[str, Any]:
    """Judge the held-out predictions of one training.

    Parameters
    ----------
    labels
        True labels, shape (n,).
    probabilities
        P(label 1) by the model of the fold, shape (n,).
    folds
        Fold of each review, shape (n,); all the same where a single slice was held out.
    by_rule
        What the source rule answers, as `satispy.evaluation.yardsticks.source_rule_by_fold`.
    traits
        What is known of the n reviews besides.
    seed
        Seed of the intervals.

    Returns
    -------
    dict
        ``n``; the scores over all held-out reviews with their ends; ``details``; ``folds``
        (``fold``, ``n`` and scores of each); ``mean`` and ``spread`` of the folds' scores (the
        sample's standard deviation; None with one fold); ``slices``; ``source_rule``, as
        `satispy.evaluation.examination.beside`.

    Raises
    ------
    InvalidInput
        As `satispy.evaluation.metrics.headline`.
    """
    further = details(labels, probabilities)
    answers = predicted(probabilities)
    of_folds = []
    for fold in np.unique(folds).tolist():
        rows = np.flatnonzero(folds == fold)
        scores = scores_of_labels(labels[rows], answers[rows])
        of_folds.append({"fold": fold, "n": len(rows), **scores})
    values = {name: [one[name] for one in of_folds] for name in SCORES}
    ends = score_intervals(labels, answers, traits.texts, seed=seed)
    return {
        "n": len(labels),
        **with_ends(scores_of_labels(labels, answers), ends),
        "details": further,
        "folds": of_folds,
        "mean": {name: statistics.fmean(values[name]) for name in SCORES},
        "spread": {
            name: statistics.stdev(values[name]) if len(of_folds) > 1 else None for name in SCORES
        },
        "slices": slices(labels, answers, traits, seed=seed),
        "source_rule": beside(labels, answers, by_rule, traits, seed=seed),
    }

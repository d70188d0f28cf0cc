"""One model beside another on the same reviews: what the gate decides upon.

Both are judged on each resample together (`satispy.evaluation.bootstrap`), so what makes a resample
hard cancels out.
"""

from __future__ import annotations

import numpy as np

from satispy.core.types import Comparison, Gap, SliceGap
from satispy.evaluation.bootstrap import paired_draws
from satispy.evaluation.metrics import Counts, Floats, Labels
from satispy.evaluation.slices import SCORES, Traits, groupings, is_few

RESAMPLES = 4000
"""So that a p-value of .05, shared by some thirty slices, still hangs on several resamples."""


def compare(
    labels: Labels,
    answers: Labels,
    others: Labels,
    traits: Traits,
    *,
    slice_margin: float,
    seed: int,
    resamples: int = RESAMPLES,
) -> Comparison:
    """Say by how much a model scores above another, overall and within each slice.

    Parameters
    ----------
    labels
        True labels, 0 or 1, shape (n,), n at least 1.
    answers, others
        Predicted labels of the one and of the other, shape (n,).
    traits
        What is known of the n reviews besides.
    slice_margin
        By so much the one may be worse within a slice.
    seed
        Seed of the resampling.
    resamples
        How many.

    Returns
    -------
    Comparison
        Slices too small to be relied on are left out.
    """
    seen, drawn = paired_draws(
        labels, answers, others, traits.texts, scores=SCORES, seed=seed, resamples=resamples
    )
    scores = {name: _gap(seen[name], drawn[name]) for name in SCORES}
    slices = []
    for kind, grouping in groupings(traits).items():
        for place, name in enumerate(grouping.names):
            rows = np.flatnonzero(grouping.of_row == place)
            positive = int(labels[rows].sum())
            if not len(rows) or is_few(len(rows) - positive, positive):
                continue
            score = "macro_f1" if 0 < positive < len(rows) else "accuracy"
            seen, drawn = paired_draws(
                labels[rows],
                answers[rows],
                others[rows],
                traits.texts[rows],
                scores=[score],
                seed=seed,
                resamples=resamples,
            )
            p_worse = _p_worse(seen[score], drawn[score], slice_margin)
            gap = _gap(seen[score], drawn[score])
            slices.append(SliceGap(kind, name, len(rows), score, gap, p_worse))
    return Comparison(scores, slices)


def gap_between(
    labels: Labels, answers: Labels, others: Labels, texts: Counts, *, score: str, seed: int
) -> Gap:
    """Say by how much a model is above another in one score; parameters as of `compare`."""
    seen, drawn = paired_draws(
        labels, answers, others, texts, scores=[score], seed=seed, resamples=RESAMPLES
    )
    return _gap(seen[score], drawn[score])


def _gap(seen: float, drawn: Floats) -> Gap:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Gap(float(seen), float(low), float(high), float(drawn.std()))


def _p_worse(seen: float, drawn: Floats, margin: float) -> float:
    """Return the one-sided p-value of "not worse by more than the margin".

    The resamples, shifted so that their centre is the margin, say how often chance alone leads as
    far down as was seen (Davison and Hinkley 1997, *Bootstrap Methods and their Application*,
    section 4.4); one more counts as if it did, so that no p-value is 0.
    """
    if seen >= -margin:
        return 1.0
    as_low = int((drawn - seen - margin <= seen).sum())
    return (as_low + 1) / (len(drawn) + 1)

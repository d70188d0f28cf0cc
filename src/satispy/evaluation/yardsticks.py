"""What a model must beat to have learnt anything: two rules that read no text.

On the real reviews "TrustedShop is positive, TrustPilot is negative" scores .890, above all three
published models; within each source it knows nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from satispy.evaluation.metrics import Labels


@dataclass(frozen=True)
class Rule:
    """Answers a label by the source of a review.

    Attributes
    ----------
    otherwise
        Its answer for a source that it does not know.
    by_source
        Its answer for those that it knows; empty for the majority rule.
    """

    otherwise: int
    by_source: Mapping[str, int] = field(default_factory=dict)

    def answers(self, sources: Sequence[str]) -> Labels:
        """Return the label for each source, shape (n,)."""
        return np.array(
            [self.by_source.get(source, self.otherwise) for source in sources], dtype=np.int8
        )


def majority_rule(labels: Labels) -> Rule:
    """Return the rule that always answers the commoner label; 1 where both are as common."""
    return Rule(int(2 * int(labels.sum()) >= len(labels)))


def source_rule(sources: Sequence[str], labels: Labels) -> Rule:
    """Return the rule that answers the commoner label of each source.

    Parameters
    ----------
    sources, labels
        Of the reviews that it learns from, n each: those that the models learn from.

    Returns
    -------
    Rule
        1 where both labels are as common; the commoner label of all for a source not seen.
    """
    balance: Counter[str] = Counter()
    for source, label in zip(sources, labels.tolist(), strict=True):
        balance[source] += 1 if label else -1
    known = {source: int(votes >= 0) for source, votes in sorted(balance.items())}
    return Rule(majority_rule(labels).otherwise, known)


def source_rule_by_fold(
    sources: Sequence[str], labels: Labels, folds: npt.NDArray[np.int64]
) -> Labels:
    """Return what the source rule answers in each fold, learnt from the reviews outside it.

    Parameters
    ----------
    sources, labels
        Of all reviews of the training side, n each.
    folds
        Fold of each review, shape (n,); -1 where it was never held out.

    Returns
    -------
    ndarray
        int8, shape (n,); 0 where a review was never held out.
    """
    answers = np.zeros(len(labels), dtype=np.int8)
    for fold in np.unique(folds[folds >= 0]).tolist():
        inside, outside = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        rule = source_rule([sources[row] for row in outside.tolist()], labels[outside])
        answers[inside] = rule.answers([sources[row] for row in inside.tolist()])
    return answers

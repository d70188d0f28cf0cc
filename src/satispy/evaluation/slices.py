"""Scores of parts of the exam: a global score hides where a model fails.

The bins stand here, before any model is trained, and are the same for every run: slices chosen
after a look at the scores would show whatever one looked for. Whoever changes them says so in the
changelog and raises `satispy.evaluation.examination.SCHEMA`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from satispy.evaluation.bootstrap import score_intervals, with_ends
from satispy.evaluation.metrics import Counts, Labels, scores_of_table

LENGTH_BINS = ((0, 3), (4, 10), (11, 25), (26, 60), (61, None))
"""Words of a review, both ends included; the real reviews have 17 in the median."""
FEW_ROWS = 100
"""With fewer rows an interval of accuracy is some 12 points wide or more: read with care."""
FEW_OF_A_CLASS = 20
"""With fewer rows of a class its F1 hangs on single reviews."""
GROUPS_SHOWN = 20
"""Sources, companies or years of their own in a report; the smaller ones are put together."""
NONE, OTHERS = "(none)", "(others)"
SCORES = ("accuracy", "f1_0", "f1_1", "macro_f1")
"""What is said of each slice."""


@dataclass(frozen=True)
class Traits:
    """What is known of reviews besides what models read; one entry per review, n in all.

    Attributes
    ----------
    texts
        Number of the review's text, int64; equal texts have equal numbers.
    source, company
        As delivered; blank where it was not said.
    star
        1 to 5.
    words
        Words of the review.
    date
        Begins with the year; blank where it was not said.
    """

    texts: Counts
    source: Sequence[str]
    company: Sequence[str]
    star: Counts
    words: Counts
    date: Sequence[str]

    def take(self, rows: Counts) -> Traits:
        """Return the traits of some rows, by their places."""
        places = rows.tolist()
        return Traits(
            texts=self.texts[rows],
            source=[self.source[place] for place in places],
            company=[self.company[place] for place in places],
            star=self.star[rows],
            words=self.words[rows],
            date=[self.date[place] for place in places],
        )


@dataclass(frozen=True)
class Grouping:
    """Reviews parted into slices: the names in order, and the slice of each review, shape (n,)."""

    names: list[str]
    of_row: npt.NDArray[np.int64]


def groupings(traits: Traits) -> dict[str, Grouping]:
    """Part the reviews in each of the ways fixed above.

    Returns
    -------
    dict
        ``source`` and ``company`` (the largest first), ``star``, ``words`` and ``year`` (in their
        own order).
    """
    years = [date[:4] if date[:4].isdecimal() else "" for date in traits.date]
    return {
        "source": _by_size(traits.source),
        "company": _by_size(traits.company),
        "star": _in_order([str(star) for star in traits.star.tolist()]),
        "words": _by_length(traits.words),
        "year": _in_order(years),
    }


def slice_scores(
    labels: Labels, answers: Labels, texts: Counts, grouping: Grouping, *, seed: int
) -> list[dict[str, Any]]:
    """Score each slice.

    Parameters
    ----------
    labels, answers
        True and predicted labels, shape (n,).
    texts
        Number of each review's text, shape (n,).
    grouping
        The slices.
    seed
        Seed of the intervals.

    Returns
    -------
    list of dict
        Per slice that has reviews: ``name``, ``n``, ``n_0``, ``n_1``, ``few``, and `SCORES`, each
        with ``_low`` and ``_high``. Where a class is missing (as within one star) only accuracy
        means anything; the other scores are None, without ends.
    """
    scored = []
    for place, name in enumerate(grouping.names):
        rows = np.flatnonzero(grouping.of_row == place)
        if len(rows):
            part = labels[rows], answers[rows]
            scored.append({"name": name, **_scores(*part, texts[rows], seed=seed)})
    return scored


def is_few(negative: int, positive: int) -> bool:
    """Tell whether too few reviews stand behind a score; a class that cannot occur is no lack."""
    smaller = min(negative, positive)
    return negative + positive < FEW_ROWS or 0 < smaller < FEW_OF_A_CLASS


def _scores(labels: Labels, answers: Labels, texts: Counts, *, seed: int) -> dict[str, Any]:
    positive = int(labels.sum())
    negative = len(labels) - positive
    found: dict[str, Any] = {"n": len(labels), "n_0": negative, "n_1": positive}
    found["few"] = is_few(negative, positive)
    table = np.bincount(labels.astype(np.int64) * 2 + answers, minlength=4)
    values = scores_of_table(table)
    meaningful = SCORES if negative and positive else ("accuracy",)
    shown = {name: float(values[name]) if name in meaningful else None for name in SCORES}
    return found | with_ends(shown, score_intervals(labels, answers, texts, seed=seed))


def _by_size(values: Sequence[str]) -> Grouping:
    cleaned = [value.strip() or NONE for value in values]
    ordered = sorted(Counter(cleaned).items(), key=lambda item: (-item[1], item[0]))
    return _grouping(cleaned, [name for name, _ in ordered])


def _in_order(values: Sequence[str]) -> Grouping:
    cleaned = [value or NONE for value in values]
    kept = sorted(name for name, _ in Counter(cleaned).most_common(GROUPS_SHOWN))
    rest = sorted(set(cleaned) - set(kept))
    return _grouping(cleaned, kept + rest)


def _grouping(values: Sequence[str], ordered: Sequence[str]) -> Grouping:
    names = [*ordered[:GROUPS_SHOWN], OTHERS][: len(ordered)]
    place_of = {name: min(place, len(names) - 1) for place, name in enumerate(ordered)}
    return Grouping(names, np.array([place_of[value] for value in values], dtype=np.int64))


def _by_length(words: Counts) -> Grouping:
    names = [f"{low} to {high}" if high else f"{low} or more" for low, high in LENGTH_BINS]
    starts = [low for low, _ in LENGTH_BINS]
    return Grouping(names, np.searchsorted(starts, words, side="right") - 1)

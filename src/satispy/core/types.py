"""The values that parts exchange. No heavy import at run time: Airflow's environment reads this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

LABEL_NAMES = ("négatif", "positif")
"""Names of the labels 0 and 1."""

LABEL_FROM = 0.5
"""From this probability of label 1 on, a comment counts as positive."""

METRICS = ("accuracy", "f1_0", "f1_1")
"""The headline scores, in the order in which they are shown."""


def label_of_star(star: int) -> int:
    """Return 0 for 1-2 stars, 1 for 3-5 stars.

    Raises
    ------
    ValueError
        If `star` is not 1 to 5.
    """
    if star not in (1, 2, 3, 4, 5):
        raise ValueError(f"expected a whole number of stars from 1 to 5, but received {star!r}")
    return 0 if star <= 2 else 1


@dataclass(frozen=True)
class DatasetVersion:
    """A prefix of the base: the state after one ledger row."""

    number: int
    end_offset: int
    chain: str
    rows: int


@dataclass(frozen=True)
class WordVectors:
    """Word vectors in memory.

    Attributes
    ----------
    version
        Name of the vectors' folder.
    vocabulary
        Word to row of `matrix`.
    matrix
        float32, shape (words, dimensions), possibly memory-mapped.
    """

    version: str
    vocabulary: dict[str, int]
    matrix: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Scores:
    """Headline scores of one model on one exam, as fractions of 1."""

    accuracy: float
    f1_0: float
    f1_1: float


@dataclass(frozen=True)
class Gap:
    """By how much one model scores above another on the same reviews, from one paired bootstrap.

    Attributes
    ----------
    value
        The one minus the other, as a fraction of 1.
    low, high
        Ends of the 95 % interval.
    error
        Standard error: the spread of the resampled differences.
    """

    value: float
    low: float
    high: float
    error: float


@dataclass(frozen=True)
class SliceGap:
    """The same within one slice of the exam.

    Attributes
    ----------
    kind, name
        Which slice, such as ``source`` and ``TrustPilot``.
    n
        Its reviews.
    score
        Which score: macro-F1, or accuracy where the slice lacks a class.
    gap
        The difference.
    p_worse
        How easily chance alone would show the one model so far below the other, were it worse by
        no more than is allowed: small means worse.
    """

    kind: str
    name: str
    n: int
    score: str
    gap: Gap
    p_worse: float


@dataclass(frozen=True)
class Comparison:
    """A model beside another on the same reviews.

    Attributes
    ----------
    scores
        Score to difference: accuracy and both F1, macro-F1.
    slices
        Every slice that is large enough.
    """

    scores: dict[str, Gap]
    slices: list[SliceGap]


@dataclass(frozen=True)
class Alert:
    """One score against its threshold; `state` is ``ok`` or ``alert``."""

    family: str
    metric: str
    value: float
    threshold: float
    state: str

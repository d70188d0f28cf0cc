"""What the gate decides upon, and what it decides: plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from satispy.core.types import Comparison


@dataclass(frozen=True)
class Rehearsal:
    """How the artifact did in a process of its own, loaded as the API loads it.

    Attributes
    ----------
    problem
        Why it could not be loaded or did not answer; empty if it did.
    right, asked
        Golden texts that were answered as expected, and those that were asked.
    median_ms
        Of one text, in milliseconds.
    behaviour
        Kind of question to (passed, asked).
    """

    problem: str
    right: int = 0
    asked: int = 0
    median_ms: float = 0.0
    behaviour: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Serving:
    """The model that serves the family, on today's exam.

    Attributes
    ----------
    run
        Its name.
    same_data
        Whether it was trained on the same dataset version as the candidate.
    newer
        Whether it was trained on a later one, or on the same one later.
    beside
        The candidate beside it.
    """

    run: str
    same_data: bool
    newer: bool
    beside: Comparison


@dataclass(frozen=True)
class Evidence:
    """All that is known of a candidate.

    Attributes
    ----------
    scores
        Score to value on the exam.
    calibration_error
        Mean distance of probability and frequency.
    accuracy_ratios
        ``source`` and ``company`` to the lowest accuracy of a group over the highest; None where
        there is but one group that is large enough.
    rehearsal
        How the artifact did.
    serving
        The model that serves; None where none does, or it cannot be read.
    """

    scores: Mapping[str, float]
    calibration_error: float
    accuracy_ratios: Mapping[str, float | None]
    rehearsal: Rehearsal
    serving: Serving | None


@dataclass(frozen=True)
class Check:
    """One question that the gate asked: its answer, in figures and in a sentence.

    `gating` tells whether a failure holds the candidate; where not, it is only told.
    """

    name: str
    passed: bool
    sentence: str
    figures: dict[str, Any]
    gating: bool = True


@dataclass(frozen=True)
class Verdict:
    """What the gate says of a candidate, with every check."""

    checks: list[Check]

    @property
    def failed(self) -> list[Check]:
        """The checks that hold the candidate."""
        return [check for check in self.checks if check.gating and not check.passed]

    @property
    def blessed(self) -> bool:
        """Whether it may serve."""
        return not self.failed

    @property
    def reason(self) -> str:
        """Why, in one sentence."""
        if self.failed:
            return "; ".join(check.sentence for check in self.failed)
        return f"all {sum(check.gating for check in self.checks)} checks passed"

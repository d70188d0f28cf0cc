"""How a model's error fell while it learnt: what the learning curve of its card is drawn from."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from satispy.core.errors import InvalidInput

DIGITS = 4
"""Of a log loss on disk; its own noise on a few thousand comments is some thousandths."""


class PlainCurve(TypedDict):
    """A learning curve as ``training.json`` holds it."""

    axis: str
    about: str
    steps: list[int]
    learnt: list[float] | None
    held_out: list[float]


@dataclass(frozen=True)
class LearningCurve:
    """Log loss (nats, mean over comments) after each of some steps.

    Attributes
    ----------
    axis
        What the steps count, such as ``trees``.
    about
        How it was found, in a sentence or two.
    steps
        Rising, from 1.
    learnt
        On what the model had learnt from by then; None where that would have cost time.
    held_out
        On comments of one slice that it never learnt from.

    Raises
    ------
    InvalidInput
        If nothing is there, the lengths differ, the steps do not rise or a loss is no number.
    """

    axis: str
    about: str
    steps: tuple[int, ...]
    learnt: tuple[float, ...] | None
    held_out: tuple[float, ...]

    def __post_init__(self) -> None:
        lines = [self.held_out] if self.learnt is None else [self.held_out, self.learnt]
        rising = all(here < there for here, there in itertools.pairwise((0, *self.steps)))
        sound = all(math.isfinite(loss) and loss >= 0 for line in lines for loss in line)
        if not (self.steps and rising and sound and {len(self.steps)} == set(map(len, lines))):
            raise InvalidInput(
                f"expected a learning curve by {self.axis} of rising steps, each with a loss of 0 "
                f"or more, but received the steps {self.steps} with the losses {lines}"
            )

    def plain(self) -> PlainCurve:
        """Return it as lists, rounded to `DIGITS`, ready for JSON."""
        learnt = None if self.learnt is None else [round(loss, DIGITS) for loss in self.learnt]
        return {
            "axis": self.axis,
            "about": self.about,
            "steps": list(self.steps),
            "learnt": learnt,
            "held_out": [round(loss, DIGITS) for loss in self.held_out],
        }


def log_loss(log_odds: npt.NDArray[np.float64], labels: npt.NDArray[np.int8]) -> float:
    """Return the mean of -ln P(true label), where P(label 1) = expit(log_odds), shapes (n,).

    From the log odds, not from probabilities, for these may have been rounded to 0 or 1.
    """
    return float(np.logaddexp(0, np.where(labels == 1, -log_odds, log_odds)).mean())


def steps_of(last: int, most: int) -> tuple[int, ...]:
    """Return at most so many steps from 1 to the last, evenly spread, both included."""
    return tuple(np.unique(np.linspace(1, last, min(last, most)).round().astype(int)).tolist())

"""Questions whose answers people agree on, asked to every candidate.

The kinds are those of CheckList (Ribeiro et al. 2020, *Beyond Accuracy: Behavioral Testing of NLP
Models with CheckList*): minimum functionality (a simple review must be answered right), invariance
(signs and capitals must not change the answer), direction (a negation must move the probability the
right way). The texts stand in ``behaviour_fr.yaml``.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from satispy.core.types import LABEL_FROM

TEXTS = Path(__file__).with_name("behaviour_fr.yaml")
GOLDEN = "golden"
_LABELS = {"negative": 0, "positive": 1}
_DIRECTIONS = {"falls": -1, "rises": 1}


@dataclass(frozen=True)
class Question:
    """Texts that are asked together, and what is expected of the answers.

    Attributes
    ----------
    kind
        ``golden``, ``functionality``, ``punctuation``, ``case`` or ``negation``.
    texts
        One, or two that differ in one thing.
    label
        Of a single text, the right answer; else None.
    direction
        Of two texts, how the probability must move from the first to the second: -1, 1, or 0 where
        the label must stay.
    """

    kind: str
    texts: tuple[str, ...]
    label: int | None = None
    direction: int = 0

    def passed(self, probabilities: Sequence[float]) -> bool:
        """Tell whether the answers, P(label 1) of each text, are as expected."""
        labels = [int(chance >= LABEL_FROM) for chance in probabilities]
        if self.label is not None:
            return labels == [self.label]
        (before, after), (first, second) = probabilities, labels
        return (after - before) * self.direction > 0 if self.direction else first == second


@functools.cache
def questions() -> tuple[Question, ...]:
    """Return all questions, always in the same order."""
    given = yaml.safe_load(TEXTS.read_text(encoding="utf-8"))
    simple = _labelled(given["functionality"])
    return (
        *(Question(GOLDEN, (text,), label) for text, label in _labelled(given[GOLDEN])),
        *(
            Question("functionality", (opening + text,), label)
            for text, label in simple
            for opening in given["functionality"]["openings"]
        ),
        *(
            Question("punctuation", (text, form.format(text=text)))
            for text, _ in simple
            for form in given["punctuation"]
        ),
        *(
            Question("case", (text, getattr(text, change)()))
            for text, _ in simple
            for change in given["case"]
        ),
        *(
            Question("negation", (before, after), direction=direction)
            for way, direction in _DIRECTIONS.items()
            for before, after in given["negation"][way]
        ),
    )


def texts_of(asked: Sequence[Question]) -> list[str]:
    """Return the texts of all questions, one after another."""
    return [text for question in asked for text in question.texts]


def marked(asked: Sequence[Question], probabilities: Sequence[float]) -> dict[str, tuple[int, int]]:
    """Mark the answers.

    Parameters
    ----------
    asked
        The questions.
    probabilities
        P(label 1) of each text, as `texts_of` gives them.

    Returns
    -------
    dict
        Kind to (answered as expected, asked).
    """
    ends = [0]
    for question in asked:
        ends.append(ends[-1] + len(question.texts))
    found: dict[str, tuple[int, int]] = {}
    for question, (start, end) in zip(asked, pairwise(ends), strict=True):
        passed, count = found.get(question.kind, (0, 0))
        found[question.kind] = passed + question.passed(probabilities[start:end]), count + 1
    return found


def _labelled(given: Mapping[str, Any]) -> list[tuple[str, int]]:
    return [(text, label) for name, label in _LABELS.items() for text in given[name]]

"""Questions that models of single words are known to fail, asked to what serves.

Beside `behaviour`, which holds candidates to what every model must answer, these are only told: how
many of each kind were answered right. The texts stand in ``weaknesses_fr.yaml``; each kind has as
many positive as negative ones, so that half of them right is chance.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from satispy.core.types import LABEL_FROM
from satispy.evaluation.behaviour import Question

TEXTS = Path(__file__).with_name("weaknesses_fr.yaml")
LABELS = {"negative": 0, "positive": 1}
EXAMPLES = 3


@dataclass(frozen=True)
class Marked:
    """How the questions of one kind were answered by one model.

    Attributes
    ----------
    kind
        Such as ``irony``.
    passed, asked
        How many were answered right, of how many.
    wrong
        Some texts that were not, in the order of the file.
    """

    kind: str
    passed: int
    asked: int
    wrong: tuple[str, ...]


@functools.cache
def questions() -> tuple[Question, ...]:
    """Return all questions, each of one text, always in the same order."""
    given: Mapping[str, Mapping[str, list[str]]] = yaml.safe_load(TEXTS.read_text(encoding="utf-8"))
    return tuple(
        Question(kind, (text,), label)
        for kind, texts in given.items()
        for name, label in LABELS.items()
        for text in texts[name]
    )


def mark(asked: Sequence[Question], probabilities: Sequence[float]) -> list[Marked]:
    """Mark the answers.

    Parameters
    ----------
    asked
        The questions, each of one text.
    probabilities
        P(label 1) of each, in the same order.

    Returns
    -------
    list of Marked
        One per kind, in the order in which they were asked.
    """
    right: dict[str, list[bool]] = {}
    wrong: dict[str, list[str]] = {}
    for question, chance in zip(asked, probabilities, strict=True):
        passed = question.label == int(chance >= LABEL_FROM)
        right.setdefault(question.kind, []).append(passed)
        missed = wrong.setdefault(question.kind, [])
        if not passed and len(missed) < EXAMPLES:
            missed.append(question.texts[0])
    return [
        Marked(kind, sum(found), len(found), tuple(wrong[kind])) for kind, found in right.items()
    ]

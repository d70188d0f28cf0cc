"""Why a model answers as it does: how its answer moves when a word is left out.

Occlusion (Zeiler & Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014; on
words: Li, Monroe & Jurafsky, "Understanding Neural Networks through Representation Erasure", 2016).
It asks the model as it is served, so it holds for every family.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MOST_WORDS = 200
"""Distinct words of a text that are left out in turn; those after them are not explained."""

Ask = Callable[[Sequence[Sequence[str]]], npt.NDArray[np.float32]]


@dataclass(frozen=True)
class Contribution:
    """A word, and by how much it raises P(label 1): the answer with it less that without it."""

    word: str
    weight: float


def contributions(ask: Ask, texts: Sequence[Sequence[str]]) -> list[list[Contribution]]:
    """Leave out each distinct word of each text, wherever it stands, and ask again.

    Parameters
    ----------
    ask
        Returns P(label 1), shape (n,), for n token lists.
    texts
        Token lists.

    Returns
    -------
    list of list of Contribution
        For each text its distinct words in the order of their first place, at most `MOST_WORDS`.
        The weights of a text do not add up to its answer, for words act together.
    """
    explained = [list(dict.fromkeys(words))[:MOST_WORDS] for words in texts]
    questions: list[Sequence[str]] = []
    for words, distinct in zip(texts, explained, strict=True):
        questions.append(words)
        questions.extend([kept for kept in words if kept != word] for word in distinct)
    answers = ask(questions) if questions else np.empty(0, dtype=np.float32)
    found = []
    start = 0
    for distinct in explained:
        whole, *without = answers[start : start + 1 + len(distinct)].tolist()
        found.append(
            [Contribution(word, whole - one) for word, one in zip(distinct, without, strict=True)]
        )
        start += 1 + len(distinct)
    return found

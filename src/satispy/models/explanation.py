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
    return [_of_one(ask, words) for words in texts]


def _of_one(ask: Ask, words: Sequence[str]) -> list[Contribution]:
    """Ask all questions about one text at once; those about all texts could fill the memory."""
    distinct = list(dict.fromkeys(words))[:MOST_WORDS]
    if not distinct:
        return []
    without = [[kept for kept in words if kept != word] for word in distinct]
    whole, *others = ask([words, *without]).tolist()
    return [Contribution(word, whole - one) for word, one in zip(distinct, others, strict=True)]

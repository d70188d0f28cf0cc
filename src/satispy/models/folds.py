"""Slices of the training data, cut by text: no text stands in two of them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from satispy.core.errors import TrainingImpossible


def folds_by_text(
    tokens: Sequence[Sequence[str]], labels: npt.NDArray[np.int8], count: int, *, seed: int
) -> npt.NDArray[np.int64]:
    """Deal the distinct comments of each class out over folds.

    One reviewer in twenty writes "parfait" and nothing else: cut by row, such a comment stands on
    both sides, and stopping or calibration are judged on what was learnt by heart.

    Parameters
    ----------
    tokens
        Token lists, n in all.
    labels
        0 or 1, shape (n,).
    count
        Folds wanted; fewer are dealt where a class has fewer distinct comments.
    seed
        Seed of the dealing.

    Returns
    -------
    ndarray
        Fold of each comment, shape (n,), from 0; each fold holds both classes, up to comments
        that carry both labels.

    Raises
    ------
    TrainingImpossible
        If a class has fewer than two distinct comments.
    """
    texts = [" ".join(words) for words in tokens]
    votes: dict[str, int] = {}
    for text, label in zip(texts, labels.tolist(), strict=True):
        votes[text] = votes.get(text, 0) + (1 if label else -1)
    of_class = [
        [text for text, vote in votes.items() if vote < 0],
        [text for text, vote in votes.items() if vote >= 0],
    ]
    count = min(count, *map(len, of_class))
    if count < 2:
        raise TrainingImpossible(
            "expected at least 2 distinct comments of each class, but received "
            f"{len(of_class[0])} negative and {len(of_class[1])} positive; upload more comments"
        )
    chance = np.random.default_rng(seed)
    fold_of: dict[str, int] = {}
    for members in of_class:
        for place, member in enumerate(chance.permutation(len(members))):
            fold_of[members[member]] = place % count
    return np.array([fold_of[text] for text in texts], dtype=np.int64)


def drawn_rows(count: int, most: int, *, seed: int) -> npt.NDArray[np.int64]:
    """Return the rows to learn from: all, or a draw of `most` of them, in order.

    Beyond some hundred thousand comments a family gains little and its time and memory grow, so a
    base of a million is sampled.
    """
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, most, replace=False))

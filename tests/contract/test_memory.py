"""No family ever makes a dense matrix of all comments: its memory follows the words there are."""

import tracemalloc

import numpy as np
import pytest

from satispy.core.plan import load_plan
from satispy.core.types import WordVectors
from satispy.models.base import TrainingData
from satispy.models.catalog import family_class, family_names
from satispy.models.serving import OnnxModel

COMMENTS, WORDS, LENGTH = 2000, 20_000, 15
DENSE = COMMENTS * WORDS * 4
"""Bytes of the matrix that the first system made, one number per comment and word: 153 MiB."""
MORE = 20_000
SHORTER = {"trees": 50, "epochs": 3}
"""Longer trainings hold no more at once."""


@pytest.fixture(scope="module")
def data():
    """Comments of words as rare as real ones; each word is commoner in one of the classes."""
    chance = np.random.default_rng(3)
    labels = (chance.random(COMMENTS) < 0.65).astype(np.int8)
    ranks = np.minimum(chance.zipf(1.3, (COMMENTS, LENGTH)), WORDS // 2) - 1
    rare = chance.integers(0, WORDS // 2, (COMMENTS, LENGTH))
    drawn = np.where(chance.random((COMMENTS, LENGTH)) < 0.5, ranks, rare)
    own = chance.random((COMMENTS, LENGTH)) < 0.7
    numbers = drawn * 2 + np.where(own, labels[:, None], 1 - labels[:, None])
    words = [f"mot{number}" for number in range(WORDS)]
    matrix = chance.normal(0, 0.3, (WORDS, 20)).astype(np.float32)
    vectors = WordVectors("of-tests", {word: row for row, word in enumerate(words)}, matrix)
    tokens = [[words[number] for number in comment] for comment in numbers.tolist()]
    return TrainingData(tokens, labels, vectors)


def peak_of(work):
    """Return what a call returns, and the bytes that it held at most, numpy's included."""
    tracemalloc.start()
    try:
        result = work()
        return result, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", family_names())
def test_mistake_12_neither_training_nor_serving_makes_a_dense_matrix(name, data, tmp_path):
    """The first system's took 1.5 GB where the sparse one takes 4 MB."""
    plan = load_plan().families.get(name, {})
    shorter = {key: min(plan[key], most) for key, most in SHORTER.items() if key in plan}
    family = family_class(name)(plan | shorter, seed=20)
    _, training = peak_of(lambda: family.fit(data))
    assert training < DENSE / 2
    family.save(tmp_path)
    model = OnnxModel.load(tmp_path, data.vectors)
    asked = [data.tokens[row % COMMENTS] for row in range(MORE)]
    answers, serving = peak_of(lambda: model.predict_proba(asked))
    assert serving < DENSE / 4
    assert ((answers[:COMMENTS] >= 0.5) == data.labels).mean() > 0.8

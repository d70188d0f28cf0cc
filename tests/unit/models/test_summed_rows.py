"""Summed rows learn as Keras's embedding does, and answer the same while they learn and after."""

import numpy as np
import pytest

from satispy.models.families.ann import _batches
from satispy.models.summed_rows import SummedRows, SummingAdam

# Keras is told its backend by the family, so it comes after it.
import keras  # isort: skip
from keras import layers, ops  # isort: skip

ROWS, WIDTH = 30, 4


@pytest.fixture(scope="module")
def numbers():
    """Some stand in several comments, and several times in one."""
    return np.random.default_rng(5).integers(0, ROWS, (16, 9)).astype(np.int32)


@pytest.fixture(scope="module")
def table():
    return np.random.default_rng(6).normal(0, 1, (ROWS, WIDTH)).astype(np.float32)


def test_a_sum_of_rows_is_the_same_while_it_learns(numbers, table):
    layer = SummedRows(table)
    counted = (numbers > 3) & (numbers < 20)
    counted[7] = False  # a comment of which nothing counts
    answered, learnt = (np.array(layer(numbers, counted, training=now)) for now in (False, True))
    expected = (table[numbers] * counted[:, :, None]).sum(axis=1)
    assert answered == pytest.approx(expected, abs=1e-5)
    assert learnt == pytest.approx(expected, abs=1e-5)
    assert not learnt[7].any()


def model(table, *, of_keras):
    numbers = keras.Input((None,), dtype="int32")
    if of_keras:
        rows = layers.Embedding(ROWS, WIDTH)
        found = rows(ops.where(numbers > 2, numbers, 0))
        here = ops.expand_dims(ops.cast(numbers > 2, "float32"), 1)
        total, adam = ops.squeeze(ops.matmul(here, found), 1), keras.optimizers.Adam(0.05)
    else:
        rows = SummedRows(table)
        total, adam = rows(numbers, numbers > 2), SummingAdam(0.05, [rows])
    answer = layers.Dense(1, activation="sigmoid", kernel_initializer="ones")(total)
    made = keras.Model(numbers, answer)
    made.compile(adam, "binary_crossentropy")
    made.layers[[type(one) for one in made.layers].index(type(rows))].set_weights([table])
    return made, rows


def test_it_learns_step_by_step_as_the_embedding_of_keras(numbers, table):
    """Keras squares the gradient of each place by itself: a word that stands twice counts twice."""
    labels = (np.arange(16) % 2).astype(np.float32)[:, None]
    learnt = []
    for of_keras in (True, False):
        made, rows = model(table, of_keras=of_keras)
        losses = [made.train_on_batch(numbers, labels) for _ in range(12)]
        learnt.append((losses, rows.get_weights()[0]))
    (their_losses, theirs), (our_losses, ours) = learnt
    assert our_losses == pytest.approx(their_losses, abs=1e-5)
    assert ours == pytest.approx(theirs, abs=1e-4)
    assert np.abs(ours - table).max() > 0.1


def test_a_batch_in_which_nothing_counts_changes_no_row(table):
    """Of no places TensorFlow leaves its answer unset: rows went astray, now and then."""
    made, rows = model(table, of_keras=False)
    nothing, labels = np.ones((16, 9), np.int32), np.ones((16, 1), np.float32)
    assert np.isfinite([made.train_on_batch(nothing, labels) for _ in range(5)]).all()
    assert (rows.get_weights()[0] == table).all()


def test_nobody_waits_for_a_thread_that_tunes_the_batches():
    """TensorFlow's own joins it at the end of each pass, which took 14 s once it missed the end."""
    rows = np.arange(4)
    words = [np.array([2, 3], np.int32)] * 4
    batches = _batches(words, np.array([0, 1, 0, 1], np.int8), rows, 2, None)
    assert batches.options().autotune.enabled is False

"""What the neural network does otherwise while it learns than when it answers."""

import numpy as np
import pytest

from satispy.models.families.ann import _batches, _SumOfRows


@pytest.fixture(scope="module")
def numbers():
    chance = np.random.default_rng(5)
    return chance.integers(0, 30, (16, 9)).astype(np.int32)


def test_a_sum_of_rows_is_the_same_while_it_learns(numbers):
    table = np.random.default_rng(6).normal(0, 1, (30, 4)).astype(np.float32)
    layer = _SumOfRows(table)
    counted = (numbers > 3) & (numbers < 20)
    counted[7] = False  # a comment of which nothing counts
    answered, learnt = (np.array(layer(numbers, counted, training=now)) for now in (False, True))
    expected = (table[numbers] * counted[:, :, None]).sum(axis=1)
    assert answered == pytest.approx(expected, abs=1e-5)
    assert learnt == pytest.approx(expected, abs=1e-5)
    assert not learnt[7].any()


def test_nobody_waits_for_a_thread_that_tunes_the_batches():
    """TensorFlow's own joins it at the end of each pass, which took 14 s once it missed the end."""
    rows = np.arange(4)
    words = [np.array([2, 3], np.int32)] * 4
    batches = _batches(words, np.array([0, 1, 0, 1], np.int8), rows, 2, None)
    assert batches.options().autotune.enabled is False

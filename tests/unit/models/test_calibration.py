import numpy as np
import pytest
from sklearn.metrics import log_loss

from satispy.models.calibration import Sigmoid


def drawn(count, slope, offset, seed=5):
    """Scores, and labels that follow the sigmoid of slope and offset."""
    chance = np.random.default_rng(seed)
    scores = chance.normal(0, 2, count)
    truth = 1 / (1 + np.exp(-(slope * scores + offset)))
    return scores, (chance.random(count) < truth).astype(np.int8)


def test_scores_that_part_the_classes_do_not_make_the_slope_endless():
    scores = np.array([-2.0, -1.0, 1.0, 2.0])
    found = Sigmoid.learn(scores, np.array([0, 0, 1, 1], dtype=np.int8))
    assert 0 < found.slope < 100
    assert 0.1 < found(scores)[0] < found(scores)[3] < 0.9


def test_the_sigmoid_behind_the_labels_is_found():
    found = Sigmoid.learn(*drawn(50_000, slope=1.7, offset=-0.6))
    assert found.slope == pytest.approx(1.7, abs=0.05)
    assert found.offset == pytest.approx(-0.6, abs=0.05)


def test_scores_that_are_too_sure_are_made_less_so():
    scores, labels = drawn(5000, slope=0.4, offset=0.0)
    before = Sigmoid(1.0, 0.0)(scores)
    after = Sigmoid.learn(scores, labels)(scores)
    assert log_loss(labels, after) < log_loss(labels, before) - 0.05
    assert after.dtype == np.float32

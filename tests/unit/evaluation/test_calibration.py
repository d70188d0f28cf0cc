import numpy as np
import pytest
from sklearn.calibration import calibration_curve as reference

from satispy.evaluation.calibration import BINS, calibration_curve, expected_error


def drawn(n=2000, seed=3):
    chance = np.random.default_rng(seed)
    chances = chance.random(n).astype(np.float32)
    return (chance.random(n) < chances**2).astype(np.int8), chances


def test_the_curve_is_that_of_scikit_learn():
    labels, chances = drawn()
    bins = calibration_curve(labels, chances)
    true, given = reference(labels, chances, n_bins=BINS, strategy="uniform")
    assert [one["share_positive"] for one in bins] == pytest.approx(true.tolist())
    assert [one["mean_probability"] for one in bins] == pytest.approx(given.tolist(), rel=1e-5)
    assert sum(one["n"] for one in bins) == len(labels)


def test_the_bins_are_the_same_whatever_the_probabilities():
    few = calibration_curve(np.array([1, 0], np.int8), np.array([1.0, 0.0], np.float32))
    assert [(one["low"], one["high"]) for one in few] == [
        (place / 10, (place + 1) / 10) for place in range(10)
    ]
    assert [one["n"] for one in few] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    assert few[4]["mean_probability"] is few[4]["share_positive"] is None


def test_the_expected_error_is_the_gap_weighted_by_rows():
    """Three rows at .8 of which two are positive, one at .1 which is: (3 x .1333 + .9) / 4."""
    labels = np.array([1, 1, 0, 1], np.int8)
    chances = np.array([0.8, 0.8, 0.8, 0.1], np.float32)
    found = expected_error(calibration_curve(labels, chances))
    assert found == pytest.approx((3 * (0.8 - 2 / 3) + 0.9) / 4)


def test_probabilities_that_come_true_have_no_error():
    labels = np.array([0, 0, 0, 1], np.int8)
    found = expected_error(calibration_curve(labels, np.full(4, 0.25, np.float32)))
    assert found == pytest.approx(0)

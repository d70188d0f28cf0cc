import json
import statistics

import numpy as np
import pytest

from satispy.evaluation.held_out import held_out_scores
from satispy.evaluation.metrics import headline


def judged(two_sources, chances, folds):
    labels, traits = two_sources
    given = chances(labels, 0.9)
    by_rule = np.array([source == "TrustedShop" for source in traits.source], dtype=np.int8)
    return labels, given, held_out_scores(labels, given, folds, by_rule, traits, seed=20)


def test_mean_and_spread_are_those_of_the_folds(two_sources, chances):
    folds = np.arange(1000) % 5
    labels, given, found = judged(two_sources, chances, folds)
    of_folds = [headline(labels[folds == fold], given[folds == fold]) for fold in range(5)]
    assert [one["fold"] for one in found["folds"]] == [0, 1, 2, 3, 4]
    assert [one["n"] for one in found["folds"]] == [200] * 5
    f1 = [one.f1_0 for one in of_folds]
    assert found["mean"]["f1_0"] == pytest.approx(statistics.fmean(f1))
    assert found["spread"]["f1_0"] == pytest.approx(np.std(f1, ddof=1))
    json.dumps(found, allow_nan=False)


def test_all_held_out_reviews_are_judged_together_and_by_slices(two_sources, chances):
    labels, given, found = judged(two_sources, chances, np.arange(1000) % 5)
    assert found["accuracy"] == pytest.approx(headline(labels, given).accuracy)
    assert found["accuracy_low"] < found["accuracy"] < found["accuracy_high"]
    assert sum(one["n"] for one in found["slices"]["words"]) == found["n"] == 1000
    assert found["source_rule"]["difference"]["accuracy"]["value"] == pytest.approx(
        found["accuracy"] - found["source_rule"]["accuracy"]
    )


def test_a_single_slice_has_no_spread(two_sources, chances):
    _, _, found = judged(two_sources, chances, np.zeros(1000, dtype=np.int64))
    assert len(found["folds"]) == 1
    assert set(found["spread"].values()) == {None}

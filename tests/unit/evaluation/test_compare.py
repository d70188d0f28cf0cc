"""One model beside another: the differences are found where they are, and only there."""

import numpy as np
import pytest

from satispy.evaluation.compare import compare, gap_between
from satispy.evaluation.slices import Traits

ROWS = 3000


@pytest.fixture
def chance():
    return np.random.default_rng(3)


@pytest.fixture
def traits():
    half = ["TrustPilot"] * (ROWS // 2) + ["TrustedShop"] * (ROWS // 2)
    return Traits(
        texts=np.arange(ROWS),
        source=half,
        company=["ShowRoom"] * ROWS,
        star=np.tile([1, 2, 3, 4, 5], ROWS // 5),
        words=np.tile([2, 7, 20, 40, 80, 90], ROWS // 6),
        date=["2020-01-01"] * (ROWS - 10) + ["2021-01-01"] * 10,
    )


@pytest.fixture
def labels(traits):
    return (traits.star > 2).astype(np.int8)


def wrong(labels, rows, share, chance):
    """Return the labels with a share of some rows turned round."""
    answers = labels.copy()
    turned = rows[chance.random(len(rows)) < share]
    answers[turned] = 1 - answers[turned]
    return answers


def test_a_model_beside_itself_is_equal_everywhere(labels, traits, chance):
    answers = wrong(labels, np.arange(ROWS), 0.1, chance)
    found = compare(labels, answers, answers, traits, slice_margin=0.0, seed=20)
    assert {(gap.value, gap.low, gap.error) for gap in found.scores.values()} == {(0.0, 0.0, 0.0)}
    assert {one.p_worse for one in found.slices} == {1.0}


def test_a_model_that_is_worse_within_one_source_is_found_out_there(labels, traits, chance):
    serving = wrong(labels, np.arange(ROWS), 0.05, chance)
    damaged = wrong(serving, np.arange(ROWS // 2), 0.15, chance)
    found = compare(labels, damaged, serving, traits, slice_margin=0.02, seed=20)
    p_values = {(one.kind, one.name): one.p_worse for one in found.slices}
    assert p_values["source", "TrustPilot"] < 0.001
    assert p_values["source", "TrustedShop"] == 1.0
    assert found.scores["accuracy"].high < 0


def test_a_slice_that_is_small_or_of_one_class_is_treated_as_what_it_is(labels, traits, chance):
    answers = wrong(labels, np.arange(ROWS), 0.1, chance)
    found = compare(labels, answers, labels, traits, slice_margin=0.0, seed=20)
    scores = {(one.kind, one.name): one.score for one in found.slices}
    assert ("year", "2021") not in scores
    assert scores["star", "1"] == "accuracy"
    assert scores["source", "TrustPilot"] == "macro_f1"


def test_repeated_texts_make_the_comparison_less_sure(labels, traits, chance):
    answers, others = (wrong(labels, np.arange(ROWS), 0.1, chance) for _ in range(2))
    alone = gap_between(labels, answers, others, traits.texts, score="accuracy", seed=20)
    repeated = np.arange(ROWS) % 300
    shared = gap_between(labels, answers, others, repeated, score="accuracy", seed=20)
    assert shared.value == alone.value
    assert shared.error > alone.error * 0.9
    rows = np.tile(np.arange(300), 10)
    tenfold = gap_between(
        labels[rows], answers[rows], others[rows], rows, score="accuracy", seed=20
    )
    single = gap_between(
        labels[:300], answers[:300], others[:300], np.arange(300), score="accuracy", seed=20
    )
    assert tenfold.error == pytest.approx(single.error, rel=1e-6)


def test_the_p_value_is_rarely_small_for_equal_models(labels, traits):
    """Of a hundred pairs that are equally good, about five are at .05 or less, by construction."""
    small = 0
    for seed in range(100):
        chance = np.random.default_rng(seed)
        pair = [wrong(labels, np.arange(ROWS), 0.1, chance) for _ in range(2)]
        found = compare(labels, *pair, traits, slice_margin=0.0, seed=seed, resamples=400)
        p_values = {(one.kind, one.name): one.p_worse for one in found.slices}
        small += p_values["source", "TrustPilot"] <= 0.05
    assert 1 <= small <= 12

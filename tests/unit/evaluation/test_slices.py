from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics

from satispy.evaluation.slices import (
    FEW_OF_A_CLASS,
    FEW_ROWS,
    GROUPS_SHOWN,
    LENGTH_BINS,
    NONE,
    OTHERS,
    groupings,
    is_few,
    slice_scores,
)


@pytest.fixture
def reviews(two_sources):
    return two_sources


def named(grouping):
    return [grouping.names[place] for place in grouping.of_row]


def test_the_bins_of_length_are_fixed_and_leave_no_gap():
    """Chosen before any model was judged; a change is a change of every report."""
    assert LENGTH_BINS == ((0, 3), (4, 10), (11, 25), (26, 60), (61, None))


def test_each_kind_has_its_own_order(reviews):
    _, traits = reviews
    found = {kind: grouping.names for kind, grouping in groupings(traits).items()}
    assert found["source"] == ["TrustedShop", "TrustPilot"]
    assert set(found["company"]) == {"ShowRoom", "VeePee", NONE}
    assert found["star"] == ["1", "2", "3", "4", "5"]
    assert found["words"] == ["0 to 3", "4 to 10", "11 to 25", "26 to 60", "61 or more"]
    assert found["year"] == ["2018", "2019", "2020", "2021"]


def test_a_review_falls_into_the_bin_of_its_length(reviews):
    _, traits = reviews
    lengths = np.array([0, 3, 4, 10, 11, 25, 26, 60, 61, 5000])
    found = groupings(replace(traits.take(np.arange(10)), words=lengths))["words"]
    assert found.of_row.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_what_was_not_said_is_a_slice_of_its_own(reviews):
    _, traits = reviews
    blank = replace(
        traits.take(np.arange(4)), source=["", "  ", "a", "a"], date=["", "hier", "2020-01-01", ""]
    )
    found = groupings(blank)
    assert named(found["source"]) == [NONE, NONE, "a", "a"]
    assert named(found["year"]) == [NONE, NONE, "2020", NONE]


def test_many_small_sources_are_put_together(reviews):
    """An upload may bring thousands; a report stays readable, and loses no review."""
    _, traits = reviews
    sources = [f"source {number:03d}" for number in range(500)] * 2
    found = groupings(replace(traits, source=sources))["source"]
    assert len(found.names) == GROUPS_SHOWN + 1
    assert found.names[-1] == OTHERS
    assert np.bincount(found.of_row).sum() == 1000


def test_scores_of_a_slice_are_those_of_its_rows(reviews):
    labels, traits = reviews
    answers = np.roll(labels, 1)
    scored = slice_scores(labels, answers, traits.texts, groupings(traits)["source"], seed=20)
    for one in scored:
        rows = [place for place, source in enumerate(traits.source) if source == one["name"]]
        part = labels[rows], answers[rows]
        assert one["n"] == len(rows)
        assert one["n_1"] == labels[rows].sum()
        assert one["macro_f1"] == pytest.approx(metrics.f1_score(*part, average="macro"))
        assert one["macro_f1_low"] < one["macro_f1"] < one["macro_f1_high"]
    assert sum(one["n"] for one in scored) == len(labels)


def test_within_one_star_only_accuracy_means_anything(reviews):
    labels, traits = reviews
    for one in slice_scores(labels, labels, traits.texts, groupings(traits)["star"], seed=20):
        assert (one["accuracy"], one["accuracy_low"]) == (1.0, 1.0)
        assert one["macro_f1"] is one["f1_0"] is None
        assert "macro_f1_low" not in one
        assert one["few"] == (one["n"] < FEW_ROWS)


@pytest.mark.parametrize(
    ("negative", "positive", "few"),
    [
        (FEW_OF_A_CLASS, FEW_ROWS, False),
        (FEW_OF_A_CLASS - 1, FEW_ROWS, True),
        (40, 40, True),
        (0, FEW_ROWS, False),
        (0, FEW_ROWS - 1, True),
    ],
)
def test_few_rows_in_all_or_of_a_class_are_flagged(negative, positive, few):
    assert is_few(negative, positive) == few

import json

import numpy as np
import pytest
from fairlearn import metrics
from sklearn.metrics import accuracy_score, recall_score

from satispy.evaluation.fairness import COMPARED, group_fairness
from satispy.evaluation.slices import groupings


@pytest.fixture
def found(two_sources, chances):
    labels, traits = two_sources
    answers = (chances(labels, 0.8) >= 0.5).astype(np.int8)
    return group_fairness(labels, answers, groupings(traits)["source"]), labels, answers, traits


def test_groups_are_compared_with_the_largest(found):
    fairness = found[0]
    largest, other = fairness["groups"]
    assert fairness["largest"] == largest["name"] == "TrustedShop"
    for score in COMPARED:
        assert largest[f"{score}_difference"] == 0
        assert largest[f"{score}_ratio"] == 1
        assert other[f"{score}_difference"] == pytest.approx(other[score] - largest[score])
        assert other[f"{score}_ratio"] == pytest.approx(other[score] / largest[score])
    json.dumps(fairness, allow_nan=False)


def test_the_widest_gaps_are_those_of_fairlearn(found):
    fairness, labels, answers, traits = found
    frame = metrics.MetricFrame(
        metrics={
            "accuracy": accuracy_score,
            "recall_1": recall_score,
            "selection_rate": metrics.selection_rate,
        },
        y_true=labels,
        y_pred=answers,
        sensitive_features=np.array(traits.source),
    )
    for score in ("accuracy", "recall_1", "selection_rate"):
        widest = fairness["widest"]
        assert widest[f"{score}_difference"] == pytest.approx(frame.difference()[score])
        assert widest[f"{score}_ratio"] == pytest.approx(frame.ratio()[score])


def test_a_group_of_one_class_has_no_recall_and_a_small_one_widens_no_gap(two_sources):
    labels, traits = two_sources
    sources = ["tiny"] * 5 + traits.source[5:]
    labels = labels.copy()
    labels[:5] = 1
    answers = np.where(np.arange(len(labels)) < 5, 0, labels).astype(np.int8)
    traits = type(traits)(**{**vars(traits), "source": sources})
    fairness = group_fairness(labels, answers, groupings(traits)["source"])
    tiny = fairness["groups"][-1]
    assert (tiny["name"], tiny["n"], tiny["few"]) == ("tiny", 5, True)
    assert tiny["recall_0"] is tiny["f1_1_difference"] is None
    assert tiny["accuracy_difference"] == -1
    assert fairness["widest"]["accuracy_difference"] == 0


def test_a_single_group_has_no_gap(two_sources):
    labels, traits = two_sources
    traits = type(traits)(**{**vars(traits), "source": ["one"] * len(labels)})
    fairness = group_fairness(labels, labels, groupings(traits)["source"])
    assert set(fairness["widest"].values()) == {None}

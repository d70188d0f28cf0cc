import numpy as np
import pytest
from sklearn import metrics

from satispy.core.errors import InvalidInput
from satispy.evaluation.metrics import details, headline, roc_auc, scores_of_table

LABELS = np.array([0, 0, 0, 1, 1, 1, 1, 1], dtype=np.int8)
CHANCES = np.array([0.1, 0.4, 0.9, 0.2, 0.5, 0.7, 0.99, 1.0], dtype=np.float32)


def test_mistake_11_stars_in_place_of_labels_are_refused():
    """The first system's in-place replace did nothing under pandas 3: stars went on as labels."""
    with pytest.raises(InvalidInput, match=r"expected labels 0 and 1, but received \[1, 5\]"):
        headline(np.array([1, 5], dtype=np.int8), np.array([0.1, 0.9], dtype=np.float32))


@pytest.mark.parametrize("wrong", [-0.1, 1.1, np.nan])
def test_what_is_no_probability_is_refused(wrong):
    with pytest.raises(InvalidInput, match="from 0 to 1"):
        headline(np.array([1], dtype=np.int8), np.array([wrong], dtype=np.float32))


@pytest.mark.parametrize(("labels", "chances"), [(0, 0), (2, 3)])
def test_lengths_that_differ_or_are_zero_are_refused(labels, chances):
    with pytest.raises(InvalidInput, match="as many labels as probabilities"):
        headline(np.zeros(labels, np.int8), np.zeros(chances, np.float32))


def test_headline_scores_are_those_of_scikit_learn():
    predicted = (CHANCES >= 0.5).astype(int)
    scores = headline(LABELS, CHANCES)
    assert scores.accuracy == pytest.approx(metrics.accuracy_score(LABELS, predicted))
    assert scores.f1_0 == pytest.approx(metrics.f1_score(LABELS, predicted, pos_label=0))
    assert scores.f1_1 == pytest.approx(metrics.f1_score(LABELS, predicted))


def test_details_are_those_of_scikit_learn():
    predicted = (CHANCES >= 0.5).astype(int)
    found = details(LABELS, CHANCES)
    assert found["confusion"] == metrics.confusion_matrix(LABELS, predicted).tolist()
    for label in (0, 1):
        of = {"pos_label": label}
        assert found[f"precision_{label}"] == metrics.precision_score(LABELS, predicted, **of)
        assert found[f"recall_{label}"] == metrics.recall_score(LABELS, predicted, **of)
    assert found["macro_f1"] == pytest.approx(metrics.f1_score(LABELS, predicted, average="macro"))
    assert found["brier"] == pytest.approx(metrics.brier_score_loss(LABELS, CHANCES))
    assert found["roc_auc"] == pytest.approx(metrics.roc_auc_score(LABELS, CHANCES))
    assert (found["n"], found["n_0"], found["n_1"]) == (8, 3, 5)


def test_log_loss_is_that_of_scikit_learn():
    inside = np.clip(CHANCES, 0.01, 0.99)
    assert details(LABELS, inside)["log_loss"] == pytest.approx(
        metrics.log_loss(LABELS, inside.astype(float)), rel=1e-6
    )


@pytest.mark.parametrize("seed", range(5))
def test_roc_auc_is_that_of_scikit_learn_ties_included(seed):
    chance = np.random.default_rng(seed)
    labels = chance.integers(0, 2, 200).astype(np.int8)
    chances = chance.random(200).round(1).astype(np.float32)
    assert roc_auc(labels, chances) == pytest.approx(metrics.roc_auc_score(labels, chances))


def test_with_one_class_there_is_nothing_to_rank():
    assert roc_auc(np.ones(3, np.int8), np.full(3, 0.7, np.float32)) is None
    assert details(np.ones(3, np.int8), np.full(3, 0.7, np.float32))["roc_auc"] is None


def test_many_confusion_tables_are_scored_at_once_as_one_by_one():
    tables = np.random.default_rng(1).integers(0, 9, (50, 4))
    together = scores_of_table(tables)
    for row, table in enumerate(tables):
        alone = scores_of_table(table)
        assert {name: values[row] for name, values in together.items()} == alone


def test_log_loss_is_finite_where_the_model_was_sure_and_wrong():
    found = details(np.array([0, 1], np.int8), np.array([1.0, 1.0], np.float32))
    assert 17 < found["log_loss"] < 18


def test_the_f1_of_a_class_that_never_occurs_is_zero():
    """As scikit-learn with zero_division=0; never NaN, which no threshold would catch."""
    scores = headline(np.array([1, 1], np.int8), np.array([0.9, 0.8], np.float32))
    assert (scores.accuracy, scores.f1_0, scores.f1_1) == (1.0, 0.0, 1.0)

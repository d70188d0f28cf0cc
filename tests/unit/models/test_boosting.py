"""Boosting with quick leaves is scikit-learn's, bit for bit."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.ensemble import GradientBoostingClassifier

from satispy.models.boosting import boost


@pytest.fixture(scope="module")
def data():
    """Yes-or-no features of which some tell, and many tell alike: splits that tie."""
    chance = np.random.default_rng(4)
    features = (chance.random((900, 60)) < 0.15).astype(np.float32)
    features[:, 30:40] = features[:, :10]
    told = features[:, :20] @ chance.normal(0, 1.5, 20)
    labels = (told + chance.normal(0, 1, 900) > 0).astype(np.int8)
    return csr_matrix(features), labels


def model(**other):
    given = {"n_estimators": 60, "max_depth": 5, "subsample": 0.8, "max_features": "sqrt"} | other
    return GradientBoostingClassifier(random_state=20, **given)


@pytest.mark.parametrize("other", [{}, {"subsample": 1.0}, {"learning_rate": 1.0, "max_depth": 9}])
def test_trees_and_answers_are_those_of_scikit_learn(data, other):
    features, labels = data
    quick, plain = boost(model(**other), features, labels), model(**other).fit(features, labels)
    for ours, theirs in zip(quick.estimators_[:, 0], plain.estimators_[:, 0], strict=True):
        assert np.array_equal(ours.tree_.feature, theirs.tree_.feature)
        assert np.array_equal(ours.tree_.value, theirs.tree_.value)
    assert np.array_equal(quick.decision_function(features), plain.decision_function(features))
    assert np.array_equal(quick.train_score_, plain.train_score_)


def test_the_model_is_an_ordinary_one_afterwards(data):
    fitted = boost(model(), *data)
    assert type(fitted) is GradientBoostingClassifier
    assert "_fit_stage" not in vars(fitted)


def test_scikit_learn_still_takes_its_stages_from_the_method_that_is_replaced(data, monkeypatch):
    """Were it renamed, all would be well but slow."""
    grown = []
    monkeypatch.setattr("satispy.models.boosting._steps", lambda *given: grown.append(given) or 0.0)
    boost(model(n_estimators=3), *data)
    assert len(grown) == 3

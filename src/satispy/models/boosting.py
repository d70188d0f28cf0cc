"""scikit-learn's gradient boosting of two classes, in three quarters of its time.

After each tree scikit-learn walks over its leaves in Python and looks each time through all rows
for those that fell into it: 3 000 trees of 40 leaves are 120 000 passes. Here the sums of all
leaves are taken in one. The trees, and whatever reads the fitted model, are scikit-learn's own;
`tests/unit/models/test_boosting.py` compares the two.
"""

from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import sklearn
from scipy.sparse import csr_matrix
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.tree import DecisionTreeRegressor

_NO_CHILD = -1
_NO_CURVATURE = 1e-150  # of a leaf whose rows are all sure already: nothing is left to learn there


def boost(
    model: GradientBoostingClassifier, features: csr_matrix, labels: npt.NDArray[np.int8]
) -> GradientBoostingClassifier:
    """Fit a model, which is returned.

    Parameters
    ----------
    model
        Of the log loss; of its trees only depth and features are other than scikit-learn's default.
    features
        float32, shape (n, terms), finite.
    labels
        0 or 1, both present, shape (n,).
    """
    model._fit_stage = partial(_fit_stage, model)
    try:
        # what is checked 3 000 times otherwise was made by us
        with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):
            return model.fit(features, labels)
    finally:
        del model._fit_stage


def _fit_stage(
    model: GradientBoostingClassifier,
    stage: int,
    _features: csr_matrix,
    labels: npt.NDArray[np.float64],
    scores: npt.NDArray[np.float64],
    weights: npt.NDArray[np.float64],
    drawn: npt.NDArray[np.bool_],
    chance: np.random.RandomState,
    X_csc: Any = None,
    X_csr: Any = None,
) -> npt.NDArray[np.float64]:
    """Add one tree: what scikit-learn's method of this name does, for two classes."""
    gradient = -model._loss.gradient(y_true=labels, raw_prediction=scores, sample_weight=None)
    grown = DecisionTreeRegressor(
        max_depth=model.max_depth, max_features=model.max_features, random_state=chance
    )
    grown.fit(X_csc, gradient, sample_weight=weights * drawn, check_input=False)
    leaf_of = grown.tree_.apply(X_csr)
    is_leaf = grown.tree_.children_left == _NO_CHILD
    grown.tree_.value[is_leaf, 0, 0] = _steps(
        leaf_of[drawn], gradient[drawn], labels[drawn], np.flatnonzero(is_leaf)
    )
    scores[:, 0] += model.learning_rate * grown.tree_.value[:, 0, 0].take(leaf_of)
    model.estimators_[stage, 0] = grown
    return scores


def _steps(
    leaf_of: npt.NDArray[np.int64],
    gradient: npt.NDArray[np.float64],
    labels: npt.NDArray[np.float64],
    leaves: npt.NDArray[np.int64],
) -> list[float]:
    """Return a step of Newton's for each leaf: mean slope by mean curvature of its rows."""
    order = np.argsort(leaf_of.astype(np.int16), kind="stable")
    ends = np.searchsorted(leaf_of[order], leaves, side="right")
    slopes, chances = gradient[order], (labels - gradient)[order]
    curvatures = chances * (1 - chances)
    steps = []
    for start, end in zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True):
        # sums of slices, and means of them, for scikit-learn's are rounded so
        slope = float(np.add.reduce(slopes[start:end]) / (end - start))
        curvature = float(np.add.reduce(curvatures[start:end]) / (end - start))
        steps.append(0.0 if abs(curvature) < _NO_CURVATURE else slope / curvature)
    return steps

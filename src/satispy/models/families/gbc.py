"""Gradient boosting on which words and pairs of words a comment holds."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field
from scipy.sparse import csr_matrix
from sklearn.ensemble import GradientBoostingClassifier

from satispy.models.base import Family, FamilyParams, Log, Tokens, TrainingData
from satispy.models.boosting import boost
from satispy.models.calibration import Sigmoid
from satispy.models.curve import LearningCurve, log_loss, steps_of
from satispy.models.folds import folds_by_text
from satispy.models.held_out import HeldOut, out_of_fold
from satispy.models.search import Between, Range, WholeBetween
from satispy.models.sklearn_onnx import as_sparse, write_trees
from satispy.models.terms import NgramEncoder

_POINTS = 20
_HOW = (
    "Of the trees that learnt from the reviews outside one fold, by their own scores; the model "
    "that is served passes its scores through a sigmoid, for boosted trees are too sure. What each "
    "tree learnt from is the draw of reviews that it saw."
)


class Params(FamilyParams):
    """Hyper-parameters."""

    min_comments: int = Field(3, ge=1, description="A term in fewer comments is left out.")
    max_terms: int = Field(3000, ge=1, description="Terms kept, those in most comments first.")
    trees: int = Field(500, ge=1, description="Trees.")
    depth: int = Field(6, ge=1, description="Depth of a tree.")
    rate: float = Field(0.1, gt=0, le=1, description="Learning rate.")
    rows: float = Field(0.8, gt=0, le=1, description="Share of the comments that a tree sees.")
    folds: int = Field(5, ge=2, description="Folds, cut by text, for held-out answers.")


class GradientBoosting(Family):
    """scikit-learn's gradient boosting on binary features, sparse.

    Yes-or-no features survive the float32 of ONNX exactly, so no tree turns the other way there.
    Each split looks at a draw of the terms (the root of their number) and each tree at a draw of
    the comments: a third of the time, and nearly a point better on the real reviews. The scores
    become probabilities by a sigmoid learnt on held-out comments: boosted trees are too sure.
    """

    name: ClassVar[str] = "gbc"
    params_model: ClassVar[type[FamilyParams]] = Params
    search: ClassVar[Mapping[str, Range]] = {
        "min_comments": WholeBetween(2, 6),
        "max_terms": WholeBetween(1000, 10_000, log=True),
        "trees": WholeBetween(200, 800),
        "depth": WholeBetween(3, 10),
        "rate": Between(0.03, 0.3, log=True),
        "rows": Between(0.4, 1.0),
    }

    params: Params

    def _fit(self, data: TrainingData, log: Log) -> HeldOut:
        params, labels = self.params, data.labels
        # The terms are chosen on all comments, once for all folds: no label takes part in it.
        self.encoder_ = NgramEncoder.learn(
            data.tokens, "binary", min_comments=params.min_comments, max_terms=params.max_terms
        )
        features = as_sparse(self.encoder_, data.tokens)
        fold = folds_by_text(data.tokens, labels, params.folds, seed=self.seed)
        log(f"gbc: {params.trees} trees on {self.encoder_.width} terms, {fold.max() + 1} folds")

        def score(
            learnt: npt.NDArray[np.int64], held: npt.NDArray[np.int64]
        ) -> npt.NDArray[np.float64]:
            model = self._trees(features[learnt], labels[learnt])
            if self.curve_ is None:  # of the first fold alone
                self.curve_ = _curve(model, features[held], labels[held])
            return self._margins(model, features[held])

        scores = out_of_fold(fold, score)
        self.sigmoid_ = Sigmoid.learn(scores, labels)
        self.model_ = self._trees(features, labels)
        return HeldOut(fold, self.sigmoid_(scores))

    def _trees(
        self, features: csr_matrix, labels: npt.NDArray[np.int8]
    ) -> GradientBoostingClassifier:
        params = self.params
        model = GradientBoostingClassifier(
            n_estimators=params.trees,
            max_depth=params.depth,
            learning_rate=params.rate,
            subsample=params.rows,
            max_features="sqrt",
            random_state=self.seed,
        )
        return boost(model, features, labels)

    @staticmethod
    def _margins(
        model: GradientBoostingClassifier, features: csr_matrix
    ) -> npt.NDArray[np.float64]:
        return np.asarray(model.decision_function(features), dtype=np.float64)

    def _predict(self, tokens: Tokens) -> npt.NDArray[np.float32]:
        return self.sigmoid_(self._margins(self.model_, as_sparse(self.encoder_, tokens)))

    def _write(self, folder: Path) -> None:
        write_trees(self.model_, self.sigmoid_, self.encoder_, folder)


def _curve(
    model: GradientBoostingClassifier, features: csr_matrix, labels: npt.NDArray[np.int8]
) -> LearningCurve:
    """Return the log loss by trees: on the held-out comments given, and on those learnt from."""
    steps = steps_of(len(model.estimators_), _POINTS)
    held_out = [
        log_loss(scores[:, 0], labels)
        for trees, scores in enumerate(model.staged_decision_function(features), start=1)
        if trees in steps
    ]
    learnt = model.train_score_[[step - 1 for step in steps]] / 2  # kept as a deviance: doubled
    return LearningCurve("trees", _HOW, steps, tuple(learnt.tolist()), tuple(held_out))

"""Linear support vector machine on tf-idf of words and pairs, beside the mean word vector."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field
from scipy.sparse import csr_matrix, hstack
from sklearn.calibration import CalibratedClassifierCV
from sklearn.svm import LinearSVC

from satispy.models.base import Family, Log, Tokens, TrainingData, validated
from satispy.models.encoders import ConcatEncoder, MeanVectorEncoder, NgramEncoder
from satispy.models.folds import folds_by_text
from satispy.models.sklearn_onnx import as_sparse, positive, write_sklearn

_ITERATIONS = 10_000  # it converges in far fewer; the library's 1 000 warns at times


class Params(BaseModel):
    """Hyper-parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    min_comments: int = Field(2, ge=1, description="A term in fewer comments is left out.")
    max_terms: int = Field(20000, ge=1, description="Terms kept, those in most comments first.")
    cost: float = Field(0.3, gt=0, description="C of the machine: how dear an error is.")
    vector_scale: float = Field(0.3, gt=0, description="Factor on the mean word vector.")
    folds: int = Field(5, ge=2, description="Folds, cut by text, that calibration is learnt on.")


class SupportVectors(Family):
    """scikit-learn's LinearSVC; its margins become probabilities by Platt's sigmoid.

    An exact RBF machine reaches the same scores here but its time grows with the square of the
    rows (13 762 rows: 2 s; 55 048 rows: 147 s); the linear one stays linear.
    """

    name: ClassVar[str] = "svm"

    def __init__(self, params: Mapping[str, Any], *, seed: int) -> None:
        super().__init__(params, seed=seed)
        self.params = validated(Params, params, self.name)

    def _fit(self, data: TrainingData, log: Log) -> None:
        params = self.params
        self.terms_ = NgramEncoder.learn(
            data.tokens, "tfidf", min_comments=params.min_comments, max_terms=params.max_terms
        )
        self.mean_ = MeanVectorEncoder(data.vectors, params.vector_scale)
        fold = folds_by_text(data.tokens, data.labels, params.folds, seed=self.seed)
        cuts = [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in np.unique(fold)]
        log(f"svm: {self.terms_.width} terms, {self.mean_.width} dimensions, {len(cuts)} folds")
        machine = LinearSVC(C=params.cost, max_iter=_ITERATIONS, random_state=self.seed)
        self.model_ = CalibratedClassifierCV(machine, method="sigmoid", cv=cuts, ensemble=False)
        self.model_.fit(self._features(data.tokens), data.labels)

    def _features(self, tokens: Tokens) -> csr_matrix:
        means = csr_matrix(self.mean_.dense(tokens))
        return hstack([as_sparse(self.terms_, tokens), means], format="csr")

    def _predict(self, tokens: Tokens) -> npt.NDArray[np.float32]:
        return positive(self.model_, self._features(tokens))

    def _write(self, folder: Path) -> None:
        width = self.terms_.width + self.mean_.width
        write_sklearn(self.model_, width, ConcatEncoder([self.terms_, self.mean_]), folder)

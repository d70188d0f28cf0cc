"""A fourth family for tests: small, fast, and a single file, as docs/add-a-model-family.md says."""

SOURCE = '''
"""Logistic regression on words."""

import numpy as np
from pydantic import Field
from sklearn.linear_model import LogisticRegression

from satispy.models.base import Family, FamilyParams
from satispy.models.encoders import PackedEncoder
from satispy.models.folds import folds_by_text
from satispy.models.held_out import HeldOut
from satispy.models.linear_onnx import write_linear
from satispy.models.search import Between
from satispy.models.sklearn_onnx import as_sparse
from satispy.models.terms import NgramEncoder


class Params(FamilyParams):
    cost: float = Field(1.0, gt=0)


class Coin(Family):
    name = "coin"
    params_model = Params
    search = {"cost": Between(0.01, 10, log=True)}

    def _fit(self, data, log):
        log("coin: learning")
        words = NgramEncoder.learn(data.tokens, "tfidf", min_comments=2, max_terms=500)
        self.encoder_ = PackedEncoder([words])
        features = as_sparse(self.encoder_, data.tokens)
        fold = folds_by_text(data.tokens, data.labels, 5, seed=self.seed)
        self.model_ = LogisticRegression(C=self.params.cost)
        self.model_.fit(features[fold != 0], data.labels[fold != 0])
        held = np.where(fold == 0, self.model_.predict_proba(features)[:, 1], np.nan)
        return HeldOut(fold, held.astype(np.float32))

    def _predict(self, tokens):
        features = as_sparse(self.encoder_, tokens)
        return self.model_.predict_proba(features)[:, 1].astype(np.float32)

    def _write(self, folder):
        bias = float(self.model_.intercept_[0])
        write_linear(self.model_.coef_[0], bias, self.encoder_, folder)
'''

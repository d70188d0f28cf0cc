"""Linear support vector machine on tf-idf of words, pairs and pieces of words, and mean vectors."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from satispy.models.base import Family, FamilyParams, Log, Tokens, TrainingData
from satispy.models.calibration import Sigmoid
from satispy.models.curve import LearningCurve, log_loss
from satispy.models.encoders import MeanVectorEncoder, PackedEncoder
from satispy.models.folds import folds_by_text
from satispy.models.held_out import HeldOut, out_of_fold
from satispy.models.linear_onnx import write_linear
from satispy.models.search import Between, Range, WholeBetween
from satispy.models.sklearn_onnx import as_sparse
from satispy.models.terms import NgramEncoder, SubwordEncoder

_ITERATIONS = 10_000  # it converges in far fewer; the library's 1 000 warns at times
_TOLERANCE = 1e-3  # the library's 1e-4 takes a third longer and answers alike

_SHARES = (0.1, 0.25, 0.5)
_MOST_FOR_CURVE = 20_000
_FEWEST_FOR_CURVE = 20
_HOW = (
    "Each point is a machine of its own, learnt from a draw of the reviews outside one fold; the "
    "last one from all of them. Margins are no probabilities, so each machine gets sigmoids: one "
    "half of the fold is judged through the one learnt on the other half, what was learnt from "
    "through both."
)


class Params(FamilyParams):
    """Hyper-parameters."""

    min_comments: int = Field(2, ge=1, description="A term in fewer comments is left out.")
    max_terms: int = Field(30_000, ge=1, description="Words and pairs kept, the commonest first.")
    piece_min_comments: int = Field(3, ge=1, description="The same for pieces of words.")
    max_pieces: int = Field(20_000, ge=1, description="Pieces kept, the commonest first.")
    cost: float = Field(0.15, gt=0, description="C of the machine: how dear an error is.")
    balance: float = Field(
        0.5, ge=0, le=1, description="0: each review weighs the same; 1: each class."
    )
    vector_scale: float = Field(0.3, gt=0, description="Factor on the mean word vector.")
    folds: int = Field(5, ge=2, description="Folds, cut by text, for held-out answers.")


class SupportVectors(Family):
    """scikit-learn's LinearSVC; its margins become probabilities by Platt's sigmoid.

    The rarer class weighs more while it learns, so it looks harder for the few negative reviews of
    a source that is nearly always content; the sigmoid puts their true share back.
    An exact RBF machine reaches the same scores here but its time grows with the square of the
    rows (13 762 rows: 2 s; 55 048 rows: 147 s); the linear one stays linear.
    """

    name: ClassVar[str] = "svm"
    params_model: ClassVar[type[FamilyParams]] = Params
    search: ClassVar[Mapping[str, Range]] = {
        "min_comments": WholeBetween(1, 4),
        "max_terms": WholeBetween(10_000, 60_000, log=True),
        "piece_min_comments": WholeBetween(2, 8),
        "max_pieces": WholeBetween(3_000, 40_000, log=True),
        "cost": Between(0.03, 1.0, log=True),
        "balance": Between(0.0, 1.0),
        "vector_scale": Between(0.1, 1.0, log=True),
    }

    params: Params

    def _fit(self, data: TrainingData, log: Log) -> HeldOut:
        params, labels = self.params, data.labels
        # Terms and idf come from all comments, once for all folds: no label takes part in them.
        terms = NgramEncoder.learn(
            data.tokens, "tfidf", min_comments=params.min_comments, max_terms=params.max_terms
        )
        pieces = SubwordEncoder.learn(
            data.tokens,
            "tfidf",
            min_comments=params.piece_min_comments,
            max_terms=params.max_pieces,
        )
        mean = MeanVectorEncoder(data.vectors, params.vector_scale)
        self.encoder_ = PackedEncoder([terms, pieces, mean])
        features = as_sparse(self.encoder_, data.tokens)
        fold = folds_by_text(data.tokens, labels, params.folds, seed=self.seed)
        log(
            f"svm: {terms.width} terms, {pieces.width} pieces of words, {mean.width} dimensions, "
            f"{fold.max() + 1} folds"
        )

        def score(
            learnt: npt.NDArray[np.int64], held: npt.NDArray[np.int64]
        ) -> npt.NDArray[np.float64]:
            machine = self._machine(features[learnt], labels[learnt])
            if self.curve_ is None and len(held) >= _FEWEST_FOR_CURVE:  # of the first fold alone
                self.curve_ = self._curve(machine, features, labels, learnt, held)
            return self._margins(machine, features[held])

        scores = out_of_fold(fold, score)
        self.sigmoid_ = Sigmoid.learn(scores, labels)
        self.model_ = self._machine(features, labels)
        return HeldOut(fold, self.sigmoid_(scores))

    def _curve(
        self,
        whole: LinearSVC,
        features: csr_matrix,
        labels: npt.NDArray[np.int8],
        learnt: npt.NDArray[np.int64],
        held: npt.NDArray[np.int64],
    ) -> LearningCurve:
        """Return the log loss by comments learnt from, the last point being the machine given.

        The further ones learn from growing parts of one draw; of a base beyond `_MOST_FOR_CURVE`
        they take smaller shares, so that what they cost does not grow with the base.
        """
        drawn = np.random.default_rng(self.seed).permutation(learnt)
        points, asked = [], features[held]
        for share in _SHARES:
            rows = np.sort(drawn[: round(share * min(len(learnt), _MOST_FOR_CURVE))])
            if len(np.unique(labels[rows])) == 2:
                points.append((rows, self._machine(features[rows], labels[rows])))
        losses = [
            _losses(
                self._margins(machine, features[rows]),
                labels[rows],
                self._margins(machine, asked),
                labels[held],
            )
            for rows, machine in [*points, (learnt, whole)]
        ]
        steps = (*(len(rows) for rows, _ in points), len(learnt))
        on_learnt, on_held = zip(*losses, strict=True)
        return LearningCurve("reviews learnt from", _HOW, steps, on_learnt, on_held)

    def _machine(self, features: csr_matrix, labels: npt.NDArray[np.int8]) -> LinearSVC:
        weights = (len(labels) / (2 * np.bincount(labels, minlength=2))) ** self.params.balance
        return LinearSVC(
            C=self.params.cost,
            class_weight=dict(enumerate(weights.tolist())),
            dual=True,  # left to itself, beyond as many rows as columns it takes four times as long
            tol=_TOLERANCE,
            max_iter=_ITERATIONS,
            random_state=self.seed,
        ).fit(features, labels)

    @staticmethod
    def _margins(machine: LinearSVC, features: csr_matrix) -> npt.NDArray[np.float64]:
        return np.asarray(machine.decision_function(features), dtype=np.float64)

    def _predict(self, tokens: Tokens) -> npt.NDArray[np.float32]:
        return self.sigmoid_(self._margins(self.model_, as_sparse(self.encoder_, tokens)))

    def _write(self, folder: Path) -> None:
        slope, offset = self.sigmoid_.slope, self.sigmoid_.offset
        bias = slope * float(self.model_.intercept_[0]) + offset
        write_linear(slope * self.model_.coef_[0], bias, self.encoder_, folder)


def _losses(
    learnt: npt.NDArray[np.float64],
    learnt_labels: npt.NDArray[np.int8],
    held: npt.NDArray[np.float64],
    held_labels: npt.NDArray[np.int8],
) -> tuple[float, float]:
    """Return the log loss of margins on what was learnt from, and on what was held out."""
    on_learnt, log_odds = [], np.empty(len(held))
    half = np.arange(len(held)) % 2 == 0
    for asked in (half, ~half):
        sigmoid = Sigmoid.learn(held[~asked], held_labels[~asked])
        log_odds[asked] = sigmoid.log_odds(held[asked])
        on_learnt.append(log_loss(sigmoid.log_odds(learnt), learnt_labels))
    return float(np.mean(on_learnt)), log_loss(log_odds, held_labels)

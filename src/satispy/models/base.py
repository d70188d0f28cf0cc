"""What a family is: learns from token lists, answers probabilities, writes itself as ONNX."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from satispy.core.errors import ArtifactDamaged, ConfigurationError, NotReady, TrainingImpossible
from satispy.core.types import LABEL_FROM, WordVectors
from satispy.core.validation import explain
from satispy.models.curve import LearningCurve
from satispy.models.folds import drawn_rows
from satispy.models.held_out import HeldOut
from satispy.models.search import Range
from satispy.models.serving import OnnxModel

Tokens = Sequence[Sequence[str]]
Log = Callable[[str], None]

PARITY = 1e-4
"""Largest difference of a probability between the trained model and the one that is served."""
_SAMPLE = 256


@dataclass(frozen=True)
class TrainingData:
    """What a family learns from: neither source nor company, only words and labels.

    Attributes
    ----------
    tokens
        One list of words per comment, n in all.
    labels
        int8, shape (n,), 0 (negative) or 1 (positive), both present.
    vectors
        Word vectors.

    Raises
    ------
    TrainingImpossible
        If the labels are not 0 and 1, one class is missing, or the lengths differ.
    """

    tokens: Tokens
    labels: npt.NDArray[np.int8]
    vectors: WordVectors

    def __post_init__(self) -> None:
        if self.labels.shape != (len(self.tokens),):
            raise TrainingImpossible(
                f"expected one label for each of {len(self.tokens)} comments, "
                f"but received labels of shape {self.labels.shape}"
            )
        if any(isinstance(words, str) for words in self.tokens):
            raise TrainingImpossible(
                "expected lists of words, but received a string, whose items are letters; "
                "call satispy.features.text.tokenize, and store lists as Parquet, not CSV"
            )
        found = np.unique(self.labels).tolist()
        if found != [0, 1]:
            raise TrainingImpossible(
                f"expected labels 0 and 1, both present, but found {found}; map stars with "
                "satispy.core.types.label_of_star and upload comments of the missing class"
            )


class FamilyParams(BaseModel):
    """Hyper-parameters that every family has; a family adds its own in a subclass."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_rows: int = Field(
        100_000, ge=1, description="Comments learnt from; of more of them a draw is taken."
    )


class Family(ABC):
    """A kind of model.

    Parameters
    ----------
    params
        Hyper-parameters, as in ``plan.yaml``; those left out take their defaults.
    seed
        Seed of everything random: same data, parameters and seed give the same model.

    Attributes
    ----------
    held_out_ : HeldOut
        After `fit`: answers to comments by models that had not seen them.
    curve_ : LearningCurve or None
        After `fit`: how the error fell while it learnt. Optional: a by-product that costs (nearly)
        nothing, which `_fit` sets where there is one; the model card of a family without it has
        no such figure.

    Raises
    ------
    ConfigurationError
        If a hyper-parameter is unknown or impossible.
    """

    name: ClassVar[str]
    params_model: ClassVar[type[FamilyParams]] = FamilyParams
    search: ClassVar[Mapping[str, Range]] = {}
    """Where ``satispy tune`` looks for better hyper-parameters; nothing to tune where empty."""

    held_out_: HeldOut
    curve_: LearningCurve | None = None

    def __init__(self, params: Mapping[str, Any], *, seed: int) -> None:
        self.params = _validated(self.params_model, params, self.name)
        self.seed = seed
        self._sample: list[list[str]] | None = None
        self._vectors: WordVectors | None = None

    def fit(self, data: TrainingData, *, log: Log | None = None) -> Self:
        """Learn.

        Parameters
        ----------
        data
            Comments, labels and word vectors.
        log
            Receives a line for each step.

        Returns
        -------
        Family
            Itself.

        Raises
        ------
        TrainingImpossible
            If nothing can be learnt, for instance because no word occurs often enough.
        """
        rows = drawn_rows(len(data.tokens), self.params.max_rows, seed=self.seed)
        told = log or (lambda line: None)
        if len(rows) < len(data.tokens):
            told(f"{self.name}: {len(rows)} comments drawn out of {len(data.tokens)}")
            drawn = TrainingData(
                [data.tokens[row] for row in rows], data.labels[rows], data.vectors
            )
        else:
            drawn = data
        self.curve_ = None
        self.held_out_ = self._fit(drawn, told).among(rows, len(data.tokens))
        chosen = np.linspace(0, len(data.tokens) - 1, min(_SAMPLE, len(data.tokens)), dtype=int)
        self._sample = [list(data.tokens[row]) for row in chosen] + [[]]
        self._vectors = data.vectors
        return self

    def predict_proba(self, tokens: Tokens) -> npt.NDArray[np.float32]:
        """Return the probability of label 1, shape (n,).

        Raises
        ------
        NotReady
            If `fit` was not called.
        """
        self._require_fitted()
        return self._predict(tokens)

    def save(self, folder: Path, asked: Tokens = ()) -> None:
        """Write what serving needs, except the word vectors: ``model.onnx``, ``encoder.json``.

        What was written is loaded and asked, beside the trained model, about comments of training
        and about those in `asked`.

        Parameters
        ----------
        folder
            An existing folder.
        asked
            Further comments that both must answer alike, those of the exam for instance: nothing
            is learnt from them.

        Raises
        ------
        NotReady
            If `fit` was not called.
        ArtifactDamaged
            If the written model answers otherwise than the trained one: a probability differs by
            more than `PARITY`, or any label differs.
        """
        questions = [*self._require_fitted(), *asked]
        self._write(folder)
        served = OnnxModel.load(folder, self._vectors).predict_proba(questions)
        trained = self._predict(questions)
        apart = float(np.abs(served - trained).max())
        labels = int(((served >= LABEL_FROM) != (trained >= LABEL_FROM)).sum())
        if labels or not apart <= PARITY:  # NaN is not either
            raise ArtifactDamaged(
                f"expected the model written to {folder} to answer {len(questions)} comments as "
                f"the trained one, each label the same and each probability within {PARITY}, but "
                f"{labels} labels and a probability by {apart:.3g} differ; the run is not kept"
            )

    def _require_fitted(self) -> list[list[str]]:
        if self._sample is None:
            raise NotReady(f"expected a trained {self.name}, but fit was not called")
        return self._sample

    @abstractmethod
    def _fit(self, data: TrainingData, log: Log) -> HeldOut: ...

    @abstractmethod
    def _predict(self, tokens: Tokens) -> npt.NDArray[np.float32]: ...

    @abstractmethod
    def _write(self, folder: Path) -> None: ...


def _validated(model: type[FamilyParams], params: Mapping[str, Any], family: str) -> FamilyParams:
    try:
        return model.model_validate(dict(params))
    except ValidationError as error:
        known = ", ".join(model.model_fields)
        raise ConfigurationError(
            f"families.{family} of the plan: {explain(error)}; known are {known}"
        ) from error

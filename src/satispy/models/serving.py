"""Answers from a written model: ONNX Runtime and numpy, nothing else."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # must stand before the import below
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state

from satispy.core.errors import ArtifactDamaged
from satispy.core.files import read_json
from satispy.core.tracing import span
from satispy.core.types import WordVectors
from satispy.models.encoders import Encoder, encoder_from_json

MODEL = "model.onnx"
ENCODER = "encoder.json"
CHUNK = 16
"""Rows per pass: bounds the dense matrix, however many comments come.

256 rows are no faster, for the matrix leaves the processor's cache, and take 20 MB per thread.
"""
_WARNINGS_OFF = 3
_WITHIN = 0.5 + 1e-3  # of one half; rounding may lead a little out of 0 to 1
_TRIAL: list[list[str]] = [[], ["essai", "essai", "deux"]]
# ONNX Runtime's errors share no parent but Exception.
_RUNTIME_ERRORS: tuple[type[Exception], ...] = tuple(
    kind
    for kind in vars(onnxruntime_pybind11_state).values()
    if isinstance(kind, type) and issubclass(kind, Exception)
)
_UNREADABLE: tuple[type[Exception], ...] = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    *_RUNTIME_ERRORS,
)
_REFUSED: tuple[type[Exception], ...] = (ValueError, *_RUNTIME_ERRORS)


class OnnxModel:
    """A model as it is served; threads may share it.

    Parameters
    ----------
    session
        The graph: one input (n, ...), last output P(label 1) as (n,), (n, 1) or (n, 2).
    encoder
        Makes the input from token lists.
    place
        Where the model came from, for messages.
    """

    def __init__(
        self, session: onnxruntime.InferenceSession, encoder: Encoder, place: str = "memory"
    ) -> None:
        self._place = place
        self._session = session
        self._encoder = encoder
        self._input = session.get_inputs()[0].name
        self._output = session.get_outputs()[-1].name

    @classmethod
    def load(cls, folder: Path, vectors: WordVectors | None) -> OnnxModel:
        """Load what `Family.save` wrote, and ask it once: graph and encoder must fit together.

        Parameters
        ----------
        folder
            Holds ``model.onnx`` and ``encoder.json``.
        vectors
            The word vectors that the model was trained with; None where it needs none.

        Returns
        -------
        OnnxModel
            Ready to answer.

        Raises
        ------
        ArtifactDamaged
            If a file is missing or unreadable, the vectors are not those of training, or the graph
            is not one for the encoder's input that answers probabilities.
        """
        try:
            encoder = encoder_from_json(read_json(folder / ENCODER), vectors)
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1  # the server has threads of its own
            options.inter_op_num_threads = 1
            options.enable_cpu_mem_arena = False  # it would keep the largest pass for ever
            options.log_severity_level = _WARNINGS_OFF
            session = onnxruntime.InferenceSession(
                (folder / MODEL).read_bytes(), options, providers=["CPUExecutionProvider"]
            )
        except _UNREADABLE as error:
            raise ArtifactDamaged(
                f"expected a model ({MODEL}, {ENCODER}) in {folder}, but it cannot be loaded: "
                f"{error!r}; promote another run"
            ) from error
        model = cls(session, encoder, str(folder))
        model.predict_proba(_TRIAL)
        return model

    def predict_proba(self, tokens: Sequence[Sequence[str]]) -> npt.NDArray[np.float32]:
        """Return P(label 1) for each token list, shape (n,).

        Raises
        ------
        ArtifactDamaged
            If the graph does not take what the encoder makes, or answers no probabilities.
        """
        answers = np.empty(len(tokens), dtype=np.float32)
        for start in range(0, len(tokens), CHUNK):
            with span("predict.encode"):
                part = self._encoder.dense(tokens[start : start + CHUNK])
            with span("predict.run"):
                answers[start : start + len(part)] = self._run(part)
        return np.clip(answers, 0.0, 1.0)

    def _run(self, part: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        try:
            (found,) = self._session.run([self._output], {self._input: part})
        except _REFUSED as error:
            said = " ".join(str(error).split()).rstrip(".")
            raise self._damaged(f"it does not take them: {said}") from error
        if not isinstance(found, np.ndarray) or found.dtype.kind != "f":
            raise self._damaged(f"it answers {type(found).__name__}, not an array of fractions")
        if found.shape not in {(len(part),), (len(part), 1), (len(part), 2)}:
            raise self._damaged(f"it answers with shape {found.shape} to {len(part)} comments")
        chances = found[:, -1] if found.ndim == 2 else found
        if not (np.abs(chances - 0.5) <= _WITHIN).all():  # NaN is not either
            raise self._damaged("it answers what is no probability")
        return chances

    def _damaged(self, complaint: str) -> ArtifactDamaged:
        return ArtifactDamaged(
            f"expected the graph in {self._place} to answer a probability to the numbers of its "
            f"{ENCODER}, but {complaint}; promote another run"
        )

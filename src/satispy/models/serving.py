"""Answers from a written model: ONNX Runtime and numpy, nothing else."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # must stand before the import below
import onnxruntime

from satispy.core.errors import ArtifactDamaged
from satispy.core.files import read_json
from satispy.core.types import WordVectors
from satispy.models.encoders import Encoder, encoder_from_json

MODEL = "model.onnx"
ENCODER = "encoder.json"
CHUNK = 16
"""Rows per pass: bounds the dense matrix, however many comments come.

256 rows are no faster, for the matrix leaves the processor's cache, and take 20 MB per thread.
"""
_WARNINGS_OFF = 3


class OnnxModel:
    """A model as it is served; threads may share it.

    Parameters
    ----------
    session
        The graph: one input (n, ...), last output P(label 1) as (n,), (n, 1) or (n, 2).
    encoder
        Makes the input from token lists.
    """

    def __init__(self, session: onnxruntime.InferenceSession, encoder: Encoder) -> None:
        self._session = session
        self._encoder = encoder
        self._input = session.get_inputs()[0].name
        self._output = session.get_outputs()[-1].name

    @classmethod
    def load(cls, folder: Path, vectors: WordVectors | None) -> OnnxModel:
        """Load what `Family.save` wrote.

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
            If a file is missing or unreadable, or the vectors are not those of training.
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
        except ArtifactDamaged:
            raise
        except Exception as error:  # ONNX Runtime's errors share no narrower parent
            raise ArtifactDamaged(
                f"expected a model ({MODEL}, {ENCODER}) in {folder}, but it cannot be loaded: "
                f"{error!r}; promote another run"
            ) from error
        return cls(session, encoder)

    def predict_proba(self, tokens: Sequence[Sequence[str]]) -> npt.NDArray[np.float32]:
        """Return P(label 1) for each token list, shape (n,)."""
        answers = np.empty(len(tokens), dtype=np.float32)
        for start in range(0, len(tokens), CHUNK):
            part = self._encoder.dense(tokens[start : start + CHUNK])
            (found,) = self._session.run([self._output], {self._input: part})
            answers[start : start + len(part)] = found[:, -1] if found.ndim == 2 else found
        return np.clip(answers, 0.0, 1.0)

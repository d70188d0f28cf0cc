"""What the scikit-learn families share: sparse features in, an ONNX graph out."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType

from satispy.core.files import write_json
from satispy.models.encoders import Encoder, NgramEncoder, Tokens
from satispy.models.serving import ENCODER, MODEL


def as_sparse(encoder: NgramEncoder, tokens: Tokens) -> csr_matrix:
    """Return the n-gram features as a CSR matrix, float32, shape (n, terms)."""
    rows, columns, values = encoder.sparse(tokens)
    return csr_matrix((values, (rows, columns)), shape=(len(tokens), encoder.width))


def positive(model: Any, features: csr_matrix) -> npt.NDArray[np.float32]:
    """Return P(label 1) of a scikit-learn classifier, shape (n,)."""
    return np.asarray(model.predict_proba(features)[:, 1], dtype=np.float32)


def write_sklearn(model: Any, width: int, encoder: Encoder, folder: Path) -> None:
    """Write a trained classifier of `width` features, and its encoder, for the server."""
    graph = to_onnx(
        model,
        initial_types=[("features", FloatTensorType([None, width]))],
        options={"zipmap": False},  # an array of probabilities, not a dictionary per row
    )
    (folder / MODEL).write_bytes(graph.SerializeToString())
    write_json(folder / ENCODER, encoder.to_json())

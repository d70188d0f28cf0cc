"""What the scikit-learn families share: sparse features in, an ONNX graph out."""

from pathlib import Path

import numpy as np
from onnx import ModelProto
from scipy.sparse import csr_matrix, vstack
from sklearn.ensemble import GradientBoostingClassifier

from satispy.models.calibration import Sigmoid
from satispy.models.encoder_file import write_encoder
from satispy.models.encoders import PackedEncoder
from satispy.models.serving import MODEL
from satispy.models.terms import NgramEncoder, Tokens

_ROWS = 4096  # at a time, for the triplets of all comments would be large


def as_sparse(encoder: NgramEncoder | PackedEncoder, tokens: Tokens) -> csr_matrix:
    """Return the features as a CSR matrix, float32, shape (n, terms)."""
    parts = []
    for start in range(0, max(1, len(tokens)), _ROWS):
        part = tokens[start : start + _ROWS]
        rows, columns, values = encoder.sparse(part)
        parts.append(csr_matrix((values, (rows, columns)), shape=(len(part), encoder.width)))
    return vstack(parts, format="csr")


def write_trees(
    model: GradientBoostingClassifier, sigmoid: Sigmoid, encoder: NgramEncoder, folder: Path
) -> None:
    """Write boosted trees, their scores calibrated, and their encoder for the server."""
    from skl2onnx import to_onnx  # brings all of scikit-learn, which other families do without
    from skl2onnx.common.data_types import FloatTensorType

    graph = to_onnx(
        model,
        initial_types=[("features", FloatTensorType([None, encoder.width]))],
        options={"zipmap": False},  # an array of probabilities, not a dictionary per row
    )
    _calibrate(graph, sigmoid)
    (folder / MODEL).write_bytes(graph.SerializeToString())
    write_encoder(encoder, folder)


def _calibrate(graph: ModelProto, sigmoid: Sigmoid) -> None:
    """Put slope and offset into the leaves: their sum is the score before the logistic function."""
    (trees,) = (node for node in graph.graph.node if node.op_type == "TreeEnsembleClassifier")
    held = {attribute.name: attribute for attribute in trees.attribute}
    leaves, start = held["class_weights"].floats, held["base_values"].floats
    leaves[:] = (np.array(leaves) * sigmoid.slope).tolist()
    start[:] = (np.array(start) * sigmoid.slope + sigmoid.offset).tolist()

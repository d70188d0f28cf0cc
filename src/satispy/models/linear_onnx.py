"""A linear model with a sigmoid as an ONNX graph that reads `PackedEncoder`'s pairs."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from satispy.models.encoder_file import write_encoder
from satispy.models.encoders import PackedEncoder
from satispy.models.serving import MODEL

_OPSET, _IR = 17, 8


def write_linear(
    weights: npt.NDArray[np.float64], bias: float, encoder: PackedEncoder, folder: Path
) -> None:
    """Write P(label 1) = sigmoid(sum of value x weight of its column, plus bias).

    The pairs' columns are looked up, so a comment costs its own few hundred features; a matrix
    product would cost the whole vocabulary.

    Parameters
    ----------
    weights
        One per column of the encoder, shape (width,).
    bias
        What a comment without features scores.
    encoder
        Makes the pairs.
    folder
        Receives ``model.onnx`` and ``encoder.json``.
    """
    constants = {
        "weights": weights.astype(np.float32),
        "bias": np.array([bias], dtype=np.float32),
        "first": np.array(0, dtype=np.int64),
        "second": np.array(1, dtype=np.int64),
        "along": np.array([1], dtype=np.int64),
    }
    nodes = [
        helper.make_node("Gather", ["pairs", "first"], ["number"], axis=2),
        helper.make_node("Cast", ["number"], ["column"], to=TensorProto.INT64),
        helper.make_node("Gather", ["weights", "column"], ["weight"]),
        helper.make_node("Gather", ["pairs", "second"], ["value"], axis=2),
        helper.make_node("Mul", ["weight", "value"], ["share"]),
        helper.make_node("ReduceSum", ["share", "along"], ["sum"], keepdims=0),
        helper.make_node("Add", ["sum", "bias"], ["score"]),
        helper.make_node("Sigmoid", ["score"], ["probability"]),
    ]
    pairs = helper.make_tensor_value_info("pairs", TensorProto.FLOAT, [None, None, 2])
    answer = helper.make_tensor_value_info("probability", TensorProto.FLOAT, [None])
    graph = helper.make_graph(
        nodes,
        "linear",
        [pairs],
        [answer],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR
    )
    onnx.checker.check_model(model)
    (folder / MODEL).write_bytes(model.SerializeToString())
    write_encoder(encoder, folder)

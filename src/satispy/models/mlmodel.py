"""The file by which MLflow knows a model's folder for one of its own; written without MLflow.

``mlflow.onnx.load_model(folder)`` then returns the graph, ``mlflow.pyfunc.load_model(folder)``
something that predicts. Both want the numbers that the folder's encoder makes of words; serving
here does not read the file.
"""

import importlib.metadata
import json
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import onnx
import yaml

from satispy.models.serving import ENCODER, MODEL

MLMODEL = "MLmodel"


def write_mlmodel(folder: Path, moment: datetime) -> None:
    """Describe the graph in a folder to MLflow.

    Parameters
    ----------
    folder
        Holds ``model.onnx``, as `satispy.models.base.Family.save` wrote it.
    moment
        When it was made, aware.
    """
    graph = onnx.load(folder / MODEL).graph
    (given,) = graph.input
    # An input with a name could not be given as a bare array.
    inputs = [_tensor(given)]
    outputs = [{"name": answer.name, **_tensor(answer)} for answer in graph.output]
    known = {
        "flavors": {
            "onnx": {
                "code": None,
                "data": MODEL,
                "onnx_version": importlib.metadata.version("onnx"),
                "providers": ["CPUExecutionProvider"],
            },
            "python_function": {
                "data": MODEL,
                "loader_module": "mlflow.onnx",
                "python_version": platform.python_version(),
            },
        },
        "metadata": {
            "made_by": "satispy",
            "inputs_from": ENCODER,
            "inputs": f"the array that the encoder in {ENCODER} makes of the words of a review, "
            f"input {given.name} of the graph; satispy.models.encoders reads it",
            "answers": f"{outputs[-1]['name']}: the probability that the review is positive",
        },
        "signature": {
            "inputs": json.dumps(inputs),
            "outputs": json.dumps(outputs),
            "params": None,
        },
        # as MLflow writes it: UTC, without saying so
        "utc_time_created": moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f"),
    }
    text = yaml.safe_dump(known, sort_keys=False, allow_unicode=True)
    (folder / MLMODEL).write_text(text, encoding="utf-8")


def _tensor(place: Any) -> dict[str, Any]:
    """Return what MLflow calls a tensor spec; a length that may be any is -1."""
    tensor = place.type.tensor_type
    shape = [one.dim_value if one.HasField("dim_value") else -1 for one in tensor.shape.dim]
    dtype = str(onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type))
    return {"type": "tensor", "tensor-spec": {"dtype": dtype, "shape": shape}}

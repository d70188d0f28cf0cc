import json
from datetime import UTC, datetime

import onnx
import pytest
import yaml

from satispy.models.mlmodel import MLMODEL, write_mlmodel
from satispy.models.serving import MODEL
from satispy.registry import runs

MOMENT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
FLOAT, INT = onnx.TensorProto.FLOAT, onnx.TensorProto.INT32


@pytest.fixture
def described(tmp_path):
    """What the file says of a graph that takes n rows of 3 whole numbers."""
    make = onnx.helper.make_tensor_value_info
    given, answer = make("numbers", INT, ["n", 3]), make("chance", FLOAT, [None])
    graph = onnx.helper.make_graph([], "empty", [given], [answer])
    onnx.save(onnx.helper.make_model(graph), tmp_path / MODEL)
    write_mlmodel(tmp_path, MOMENT)
    return yaml.safe_load((tmp_path / MLMODEL).read_text(encoding="utf-8"))


def test_mlflow_is_told_where_the_graph_lies_and_what_loads_it(described):
    flavors = described["flavors"]
    assert flavors["onnx"]["data"] == flavors["python_function"]["data"] == MODEL
    assert flavors["python_function"]["loader_module"] == "mlflow.onnx"
    assert flavors["onnx"]["onnx_version"] == onnx.__version__


def test_the_signature_is_that_of_the_graph_and_a_bare_array_may_be_given(described):
    (given,) = json.loads(described["signature"]["inputs"])
    assert given == {"type": "tensor", "tensor-spec": {"dtype": "int32", "shape": [-1, 3]}}
    (answer,) = json.loads(described["signature"]["outputs"])
    assert answer["name"] == "chance"
    assert answer["tensor-spec"] == {"dtype": "float32", "shape": [-1]}


def test_it_says_that_the_inputs_come_from_the_encoder(described):
    assert described["metadata"]["inputs_from"] == "encoder.json"
    assert described["utc_time_created"] == "2026-11-21 08:00:00.000000"


def test_every_run_has_one_in_its_manifest(trained_home):
    folders = sorted((trained_home / "clean_model" / "runs").iterdir())
    assert folders
    for folder in folders:
        assert MLMODEL in runs.check(folder)["files"]

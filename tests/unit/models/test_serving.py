import os
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from satispy.core.errors import ArtifactDamaged
from satispy.core.files import write_json
from satispy.models.encoders import IdEncoder, NgramEncoder
from satispy.models.serving import CHUNK, OnnxModel

TERMS = ["bien", "nul"]


def write_model(folder, shape):
    """A graph that answers sigmoid(bien - nul), as (n,), (n, 1) or, with its complement, (n, 2)."""
    signs = {(None,): [1, -1], (None, 1): [[1], [-1]], (None, 2): [[-1, 1], [1, -1]]}[shape]
    weights = np.array(signs, dtype=np.float32)
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["m"]),
        helper.make_node("Sigmoid", ["m"], ["p"]),
    ]
    graph = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 2])],
        [helper.make_tensor_value_info("p", TensorProto.FLOAT, list(shape))],
        [helper.make_tensor("w", TensorProto.FLOAT, weights.shape, weights.ravel())],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, folder / "model.onnx")
    write_json(folder / "encoder.json", NgramEncoder(TERMS, None).to_json())


def write_graph(folder, nodes, outputs=(("p", TensorProto.FLOAT, [None, 1]),), inputs=("x",)):
    """Any graph on inputs of shape (n, 2)."""
    graph = helper.make_graph(
        [helper.make_node(*node) for node in nodes],
        "test",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 2]) for name in inputs],
        [helper.make_tensor_value_info(*output) for output in outputs],
        [
            helper.make_tensor("w", TensorProto.FLOAT, (2, 1), [1.0, -1.0]),
            helper.make_tensor("far", TensorProto.FLOAT, (), [9.0]),
            helper.make_tensor("nothing", TensorProto.FLOAT, (), [0.0]),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, folder / "model.onnx")
    write_json(folder / "encoder.json", NgramEncoder(TERMS, None).to_json())


class Canary:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (type(self.path).touch, (self.path,))


def test_a_pickle_in_place_of_the_graph_is_refused_and_not_run(tmp_path):
    write_model(tmp_path, (None,))
    canary = tmp_path / "canary"
    (tmp_path / "model.onnx").write_bytes(pickle.dumps(Canary(canary)))
    with pytest.raises(ArtifactDamaged, match=r"cannot be loaded.*promote another run"):
        OnnxModel.load(tmp_path, None)
    assert not canary.exists()


@pytest.mark.parametrize(
    "encoder",
    [NgramEncoder(["bien", "mal", "nul"], None), IdEncoder(["bien", "nul"], 2)],
    ids=["another width", "another family"],
)
def test_an_encoder_that_is_not_the_graph_s_is_refused_when_it_is_loaded(tmp_path, encoder):
    """And not with the first prediction, when it serves already."""
    write_model(tmp_path, (None,))
    write_json(tmp_path / "encoder.json", encoder.to_json())
    with pytest.raises(ArtifactDamaged, match=r"does not take them.*promote another run"):
        OnnxModel.load(tmp_path, None)


def test_an_encoder_that_nobody_knows_is_refused(tmp_path):
    write_model(tmp_path, (None,))
    write_json(tmp_path / "encoder.json", {"kind": "hashes"})
    with pytest.raises(ArtifactDamaged, match=r"ngrams.*but received 'hashes'"):
        OnnxModel.load(tmp_path, None)


@pytest.mark.parametrize("text", ["[]", "{}", '{"kind": "ngrams"}', '{"kind": "ngrams", "idf": 1}'])
def test_an_encoder_without_its_parts_is_refused(tmp_path, text):
    write_model(tmp_path, (None,))
    (tmp_path / "encoder.json").write_text(text)
    with pytest.raises(ArtifactDamaged, match="promote another run"):
        OnnxModel.load(tmp_path, None)


FOREIGN = {
    "a score instead of a probability": dict(
        nodes=[("MatMul", ["x", "w"], ["m"]), ("Add", ["m", "far"], ["p"])],
        complaint="no probability",
    ),
    "not a number": dict(
        nodes=[
            ("MatMul", ["x", "w"], ["m"]),
            ("Sub", ["m", "m"], ["z"]),
            ("Div", ["z", "nothing"], ["p"]),
        ],
        complaint="no probability",
    ),
    "a label alone": dict(
        nodes=[("ArgMax", ["x"], ["p"])],
        outputs=[("p", TensorProto.INT64, None)],
        complaint="not an array of fractions",
    ),
    "one answer for all": dict(
        nodes=[("ReduceMean", ["x"], ["p"])],
        outputs=[("p", TensorProto.FLOAT, None)],
        complaint=r"shape \(1, 1\) to 2 comments",
    ),
    "two inputs": dict(
        nodes=[
            ("Add", ["x", "y"], ["s"]),
            ("MatMul", ["s", "w"], ["m"]),
            ("Sigmoid", ["m"], ["p"]),
        ],
        inputs=("x", "y"),
        complaint="does not take them",
    ),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_a_graph_that_answers_no_probabilities_is_refused_when_it_is_loaded(tmp_path, what):
    given = dict(FOREIGN[what])
    complaint = given.pop("complaint")
    write_graph(tmp_path, **given)
    with pytest.raises(ArtifactDamaged, match=complaint):
        OnnxModel.load(tmp_path, None)


def test_an_empty_folder_is_damage(tmp_path):
    with pytest.raises(ArtifactDamaged, match=r"model\.onnx, encoder\.json.*promote another run"):
        OnnxModel.load(tmp_path, None)


def test_a_broken_encoder_is_damage(tmp_path):
    write_model(tmp_path, (None,))
    (tmp_path / "encoder.json").write_text("{")
    with pytest.raises(ArtifactDamaged, match="expected JSON"):
        OnnxModel.load(tmp_path, None)


@pytest.mark.parametrize("shape", [(None,), (None, 1), (None, 2)])
def test_every_shape_of_answer_becomes_a_row_of_probabilities(tmp_path, shape):
    write_model(tmp_path, shape)
    found = OnnxModel.load(tmp_path, None).predict_proba([["bien"], ["nul"], []])
    assert found.dtype == np.float32
    assert np.allclose(found, [0.731, 0.269, 0.5], atol=1e-3)


def test_many_comments_go_through_in_chunks(tmp_path):
    """So that no dense matrix of all comments is made."""
    write_model(tmp_path, (None, 1))
    model = OnnxModel.load(tmp_path, None)
    seen = []
    dense = model._encoder.dense
    model._encoder.dense = lambda tokens: seen.append(len(tokens)) or dense(tokens)
    found = model.predict_proba([["bien"]] * (2 * CHUNK + 3))
    assert seen == [CHUNK, CHUNK, 3]
    assert found.shape == (2 * CHUNK + 3,)


def test_threads_may_share_a_model(tmp_path):
    write_model(tmp_path, (None, 2))
    model = OnnxModel.load(tmp_path, None)
    asked = [[["bien"] * (number % 2)] for number in range(200)]
    with ThreadPoolExecutor(8) as threads:
        answers = [float(found[0]) for found in threads.map(model.predict_proba, asked)]
    assert len({round(answer, 3) for answer in answers[::2]}) == 1
    assert len({round(answer, 3) for answer in answers[1::2]}) == 1


def test_the_runtime_sends_no_telemetry():
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"

import bz2
import pickle
import subprocess
import sys

import numpy as np
import pytest

from satispy.core.errors import InvalidInput
from satispy.features.text import tokenize
from satispy.features.wiki2vec_model import import_model, is_model

SAVE = """
import sys
from collections import defaultdict
from wikipedia2vec import Wikipedia2Vec
model = Wikipedia2Vec.load_text(sys.argv[1])
model.syn1 = model.syn0
if len(sys.argv) > 3:
    model.syn0 = model.syn0 * float(sys.argv[3])
model.save(sys.argv[2])
"""
TEXT = "5 2\nde 0.5 1.0\nENTITY/Paris 9 9\nété -1.5 2.5\nen_effet 4 4\nDe 7 7\n"


class Evil:
    """What a model of a stranger may hold."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


def saved(folder, factor=1.0):
    """Return a model that the library itself saved."""
    (folder / "v.txt").write_text(TEXT, encoding="utf-8")
    model = folder / "frwiki.pkl"
    command = [sys.executable, "-c", SAVE, folder / "v.txt", model, str(factor)]
    subprocess.run(command, check=True)
    return model


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return saved(tmp_path_factory.mktemp("model"))


def test_a_model_that_nobody_trusts_is_not_even_opened(tmp_path):
    source = tmp_path / "x.pkl"
    source.write_bytes(pickle.dumps(Evil(tmp_path / "was_here")))
    with pytest.raises(InvalidInput, match=r"runs whatever program.*--trust-pickle"):
        import_model(source, tmp_path / "new", trust_pickle=False)
    assert not (tmp_path / "was_here").exists()
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("packed", [False, True])
def test_a_trusted_model_gives_its_words(tmp_path, model, packed):
    source = model
    if packed:
        source = tmp_path / "frwiki.pkl.bz2"
        source.write_bytes(bz2.compress(model.read_bytes()))
    assert is_model(source)
    vectors = import_model(source, tmp_path / "new", trust_pickle=True)
    assert set(vectors.vocabulary) == {"de", "été"}
    assert all(tokenize(word) == [word] for word in vectors.vocabulary)
    assert vectors.matrix[vectors.vocabulary["été"]].tolist() == [-1.5, 2.5]


@pytest.mark.parametrize(
    "content", [b"\x80", b"\x80\x04", pickle.dumps({"syn0": 1}), pickle.dumps([1]), b"\x80\x05rien"]
)
def test_what_is_no_whole_model_is_refused_and_leaves_nothing(tmp_path, content):
    source = tmp_path / "x.pkl"
    source.write_bytes(content)
    assert is_model(source)
    with pytest.raises(InvalidInput, match="expected a whole model"):
        import_model(source, tmp_path / "home/new", trust_pickle=True)
    assert not list((tmp_path / "home").iterdir())


def test_a_model_with_numbers_that_are_none_is_refused(tmp_path):
    source = saved(tmp_path, np.nan)
    with pytest.raises(InvalidInput, match="expected finite numbers"):
        import_model(source, tmp_path / "home/new", trust_pickle=True)
    assert not list((tmp_path / "home").iterdir())


@pytest.mark.parametrize("content", [b"", b"2 3\nde 1 2 3\n", bz2.compress(b"2 3\n"), b"BZh9rien"])
def test_text_is_no_model(tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    assert not is_model(tmp_path / "x")

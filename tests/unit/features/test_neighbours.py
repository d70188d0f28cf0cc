import json
import re
from pathlib import Path

import numpy as np
import pytest

from satispy.core.errors import ArtifactDamaged, NotReady
from satispy.core.types import WordVectors
from satispy.features import neighbours
from satispy.features.neighbours import (
    choose,
    chosen_card,
    keep_only,
    mean_vectors,
    open_index,
    weights_of,
    write_index,
)

CARD = {"dimensions": 3, "follows": 2, "dataset": {"number": 2}}
WEIGHTS = np.ones(2, np.float32)


def written(shelf: Path, name: str, ids, vectors) -> None:
    parts = [(np.array(ids, np.int64), np.array(vectors, np.float32))]
    write_index(shelf / name, parts, len(ids), 3, WEIGHTS, CARD)
    choose(shelf, name)


def test_while_there_is_no_index_it_is_not_ready(tmp_path):
    with pytest.raises(NotReady, match="retrain_reviews"):
        open_index(tmp_path / "none")
    assert chosen_card(tmp_path / "none") is None


def test_the_largest_cosine_comes_first_whatever_the_lengths(tmp_path):
    written(tmp_path, "a", [7, 8, 9], [[0, 0.01, 0], [5, 5, 0], [-1, 0, 0]])
    _, index = open_index(tmp_path)
    assert index.nearest(np.array([0, 3, 0], np.float32), 2).tolist() == [7, 8]
    assert index.nearest(np.array([1, 0, 0], np.float32), 9).tolist() == [8, 7, 9]


def test_the_coarse_numbers_order_as_the_exact_ones_do(tmp_path, monkeypatch):
    monkeypatch.setattr(neighbours, "ROWS_AT_ONCE", 64)
    chance = np.random.default_rng(20)
    vectors = chance.normal(size=(500, 3)).astype(np.float32)
    written(tmp_path, "a", range(500), vectors)
    _, index = open_index(tmp_path)
    asked = chance.normal(size=3).astype(np.float32)
    exact = vectors @ asked / np.linalg.norm(vectors, axis=1)
    best = np.argsort(-exact)[:10].tolist()
    assert set(best) <= set(index.nearest(asked, 20).tolist())


def test_its_pages_are_given_back_after_each_question(tmp_path):
    vectors = np.random.default_rng(20).normal(size=(200_000, 3))
    written(tmp_path, "a", range(len(vectors)), vectors)
    _, index = open_index(tmp_path)
    index.nearest(np.array([1, 0, 0], np.float32), 1)
    (size,) = resident(tmp_path / "a" / "vectors.npy")
    assert size == 0


def resident(path):
    """KiB of a mapped file that count as this process's."""
    maps = Path("/proc/self/smaps").read_text().split(str(path))[1:]
    return [int(re.search(r"^Rss: +(\d+) kB", one, re.MULTILINE)[1]) for one in maps]


def test_a_text_without_known_words_is_not_in_it(tmp_path):
    written(tmp_path, "a", [1, 2, 3], [[0, 0, 0], [1, 0, 0], [0, 0, 0]])
    _, index = open_index(tmp_path)
    assert index.ids.tolist() == [2]
    assert index.card["rows"] == 1


def test_the_last_one_chosen_answers_and_the_others_go(tmp_path):
    written(tmp_path, "a", [1], [[1, 0, 0]])
    written(tmp_path, "b", [2], [[1, 0, 0]])
    name, index = open_index(tmp_path)
    assert (name, index.ids.tolist()) == ("b", [2])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "current.json"]


def test_rows_that_are_gone_are_taken_out_of_its_files(tmp_path):
    written(tmp_path, "a", [1, 2, 3], [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    keep_only(tmp_path, "b", np.array([1, 3]), {"follows": 5})
    choose(tmp_path, "b")
    _, index = open_index(tmp_path)
    assert index.ids.tolist() == [1, 3]
    assert index.nearest(np.array([0, 0, 1], np.float32), 1).tolist() == [3]
    assert chosen_card(tmp_path)["follows"] == 5
    assert index.vectors.tolist() == [[127, 0, 0], [0, 0, 127]]


def test_an_index_none_of_whose_rows_is_left_is_empty(tmp_path):
    written(tmp_path, "a", [1], [[1, 0, 0]])
    keep_only(tmp_path, "b", np.array([], np.int64), {})
    choose(tmp_path, "b")
    assert open_index(tmp_path)[1].nearest(np.array([1, 0, 0], np.float32), 5).tolist() == []


@pytest.mark.parametrize("name", ["ids.npy", "vectors.npy", "card.json", "scales.npy"])
def test_a_damaged_index_is_told_with_what_to_do(tmp_path, name):
    written(tmp_path, "a", [1], [[1, 0, 0]])
    (tmp_path / "a" / name).write_bytes(b"nothing of ours")
    with pytest.raises(ArtifactDamaged, match=r"retrain_reviews|Restore the file"):
        open_index(tmp_path)


def test_an_index_that_is_gone_behind_its_pointer_is_told(tmp_path):
    (tmp_path / "current.json").write_text(json.dumps({"index": "gone"}))
    with pytest.raises(ArtifactDamaged, match="gone"):
        open_index(tmp_path)


def test_a_common_word_counts_less():
    vectors = WordVectors("v", {"de": 0, "colis": 1}, np.eye(2, dtype=np.float32))
    weights = weights_of({"de": 999, "colis": 1}, vectors)
    assert weights[0] < 0.01 < 0.4 < weights[1]
    (mean, nothing) = mean_vectors([["de", "colis", "xyz"], ["xyz"]], vectors, weights)
    assert mean[1] > 0.99
    assert nothing.tolist() == [0, 0]


def test_without_counts_the_mean_is_a_plain_one():
    vectors = WordVectors("v", {"a": 0, "b": 1}, np.array([[2, 0], [0, 4]], np.float32))
    (mean,) = mean_vectors([["a", "b"]], vectors, weights_of({}, vectors))
    assert mean.tolist() == [1, 2]

import json
import os
import shutil
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from satispy.core.errors import ArtifactDamaged, TrainingImpossible
from satispy.core.plan import load_plan
from satispy.features.text import tokenize
from satispy.features.vectors import check_vectors, coverage, load_vectors
from satispy.features.wiki2vec import train_vectors

REVIEWS = [
    "Livraison rapide, très bien emballé !",
    "Jamais reçu, le service client ne répond pas.",
    "J’adore ce site : livraison rapide & soignée",
    "Colis <perdu>, [[remboursement]] refusé, jamais plus",
    "",
    "parfait",
] * 20
SMALL = load_plan().vectors.model_copy(
    update={"dimensions": 8, "iterations": 2, "negative_table": 1000}
)
DEAF_CHILD = """
import os, sys, time
if os.fork():
    sys.stdout.write("progress\\tIteration 1/2\\t0\\t10\\n")
    sys.stdout.flush()
time.sleep(60)
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    target = tmp_path_factory.mktemp("vectors") / "20261121"
    steps = []
    vectors = train_vectors(
        REVIEWS, target, SMALL, seed=20, progress=lambda *step: steps.append(step)
    )
    return target, vectors, steps


def test_reviews_without_a_repeated_word_are_refused(tmp_path):
    with pytest.raises(TrainingImpossible, match=r"no word occurs 2 times in 2 reviews"):
        train_vectors(["un deux", "trois"], tmp_path / "new", SMALL, seed=20)
    assert list(tmp_path.iterdir()) == []


def test_vectors_are_never_written_over(trained):
    target, _, _ = trained
    with pytest.raises(FileExistsError, match="written once"):
        train_vectors(REVIEWS, target, SMALL, seed=20)


def test_every_repeated_word_of_tokenize_has_a_vector(trained):
    """The library sees the tokens that serving sees, elisions and markup included."""
    _, vectors, _ = trained
    assert set(vectors.vocabulary) == {word for text in REVIEWS for word in tokenize(text)}
    assert vectors.matrix.shape == (len(vectors.vocabulary), 8)
    assert vectors.matrix.dtype == np.float32
    assert np.isfinite(vectors.matrix).all()
    assert np.abs(vectors.matrix).max() > 0


def test_same_seed_gives_the_same_bits_and_another_seed_others(trained, tmp_path):
    _, vectors, _ = trained
    again = train_vectors(REVIEWS, tmp_path / "again", SMALL, seed=20)
    other = train_vectors(REVIEWS, tmp_path / "other", SMALL, seed=21)
    assert np.array_equal(again.matrix, vectors.matrix)
    assert not np.array_equal(other.matrix, vectors.matrix)


def test_two_trainings_write_the_same_bytes(trained, tmp_path):
    """Settled by the files, so that no hash, version or cache ever differs for nothing."""
    train_vectors(REVIEWS, tmp_path / "again", SMALL, seed=20)
    for name in ("matrix.npy", "vocabulary.json", "card.json"):
        assert (tmp_path / "again" / name).read_bytes() == (trained[0] / name).read_bytes()


def test_progress_is_told_to_the_end(trained):
    _, _, steps = trained
    assert steps[-1] == ("Iteration 2/2", len(REVIEWS), len(REVIEWS))


def test_an_interruption_ends_the_child_and_its_workers_at_once(tmp_path, monkeypatch):
    """A task that runs out of time leaves nobody at work, and waits for no end."""

    class Timeout(BaseException):
        pass

    (tmp_path / "deaf_child.py").write_text(DEAF_CHILD)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr("satispy.features.wiki2vec._CHILD", "deaf_child")
    processes = []

    def run_out_of_time(*_):
        processes.extend(set(psutil.Process(os.getpid()).children(recursive=True)) - before)
        raise Timeout

    before = set(psutil.Process(os.getpid()).children(recursive=True))  # of other tests

    began = time.monotonic()
    with pytest.raises(Timeout):
        train_vectors(REVIEWS, tmp_path / "new", SMALL, seed=20, progress=run_out_of_time)
    assert time.monotonic() - began < 30
    assert len(processes) == 2
    assert psutil.wait_procs(processes, timeout=30)[1] == []
    assert [path.name for path in tmp_path.iterdir() if "new" in path.name] == []


def test_the_card_says_where_the_vectors_come_from(trained):
    target, vectors, _ = trained
    card = json.loads((target / "card.json").read_text())
    assert card["source"] == "reviews"
    assert card["libraries"]["wikipedia2vec"] == "2.0.0"
    assert (card["corpus"]["size"], card["seed"]) == (len(REVIEWS), 20)
    assert (card["words"], card["dimensions"]) == vectors.matrix.shape
    assert set(card["sha256"]) == {"matrix.npy", "vocabulary.json"}
    assert sorted(path.name for path in target.iterdir()) == sorted([*card["sha256"], "card.json"])


def test_a_missing_folder_is_damage(tmp_path):
    with pytest.raises(ArtifactDamaged, match="cannot be read"):
        load_vectors(tmp_path / "nowhere")


def test_a_cut_vocabulary_is_damage(trained, tmp_path):
    target, _, _ = trained
    for path in target.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "vocabulary.json").write_text('["seul"]')
    with pytest.raises(ArtifactDamaged, match="and 1 words"):
        load_vectors(tmp_path)


@pytest.fixture
def copied(trained, tmp_path):
    return Path(shutil.copytree(trained[0], tmp_path / "copied"))


def test_a_zeroed_matrix_of_the_same_shape_is_damage(copied):
    np.save(copied / "matrix.npy", np.zeros_like(load_vectors(copied).matrix))
    with pytest.raises(ArtifactDamaged, match=r"disagrees with its card\.json in matrix\.npy"):
        check_vectors(copied)


@pytest.mark.parametrize("card", ["{}", "[]", '{"sha256": 1}'])
def test_a_card_that_is_none_is_damage(copied, card):
    (copied / "card.json").write_text(card)
    for read in (load_vectors, check_vectors):
        with pytest.raises(ArtifactDamaged, match="cannot be read"):
            read(copied)


def test_a_missing_matrix_is_damage(copied):
    (copied / "matrix.npy").unlink()
    with pytest.raises(ArtifactDamaged, match="cannot be read"):
        check_vectors(copied)


def test_whole_vectors_that_are_not_those_of_training_are_damage(copied):
    with pytest.raises(ArtifactDamaged, match="of training"):
        check_vectors(copied, "0" * 64)


def test_equal_vectors_have_an_equal_digest(trained, copied):
    digest = check_vectors(trained[0])
    assert check_vectors(copied, digest) == digest


def test_loaded_vectors_stay_on_disk(trained):
    target, vectors, _ = trained
    loaded = load_vectors(target)
    assert isinstance(loaded.matrix, np.memmap)
    assert (loaded.version, loaded.vocabulary) == (target.name, vectors.vocabulary)


def test_coverage_is_the_share_of_tokens_with_a_vector(trained):
    _, vectors, _ = trained
    assert coverage([["parfait", "zygomorphe"], ["rapide", "rapide"]], vectors) == 0.75
    assert coverage([[]], vectors) == 1.0

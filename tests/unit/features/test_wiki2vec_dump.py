import json

import numpy as np
import pytest

from satispy.core.errors import InvalidInput
from satispy.core.plan import load_plan
from satispy.features.text import tokenize
from satispy.features.vectors import WordCount, check_vectors
from satispy.features.wiki2vec import train_from_dump
from wikipedia_dump import HEAD, dump_text, page, write_dump

SMALL = load_plan().vectors_from_dump.model_copy(
    update={"dimensions": 8, "iterations": 2, "negative_table": 1000}
)


@pytest.fixture(scope="module")
def dump(tmp_path_factory):
    return write_dump(tmp_path_factory.mktemp("dump") / "frwiki-petit.xml.bz2")


@pytest.fixture(scope="module")
def trained(tmp_path_factory, dump):
    target = tmp_path_factory.mktemp("vectors") / "general"
    steps = []
    count = WordCount.of([["la", "livraison", "zygomorphe"]])
    vectors = train_from_dump(
        dump, target, SMALL, seed=20, progress=lambda *step: steps.append(step), reviews=count
    )
    return target, vectors, steps


def test_the_words_of_the_articles_have_vectors_in_the_form_that_comments_ask_for(trained):
    _, vectors, _ = trained
    assert {"livraison", "déçoit", "acheteur", "l", "rassure", "jamais"} <= set(vectors.vocabulary)
    assert all(tokenize(word) == [word] for word in vectors.vocabulary)
    assert not {"bavardage", "infobox", "cachée", "redirection"} & set(vectors.vocabulary)
    assert vectors.matrix.shape == (len(vectors.vocabulary), 8)
    assert np.isfinite(vectors.matrix).all()
    assert np.abs(vectors.matrix).max() > 0


def test_the_card_tells_of_articles_links_and_redirects(trained, dump):
    target, _, _ = trained
    card = json.loads((target / "card.json").read_text())
    corpus = card["corpus"]
    assert (corpus["kind"], corpus["file"], corpus["language"]) == (
        "wikipedia dump",
        "frwiki-petit.xml.bz2",
        "fr",
    )
    assert (corpus["size"], corpus["redirects"]) == (40, 2)
    assert corpus["entities"] >= 5
    assert corpus["links"] > 0
    assert card["coverage"] == {"share": 2 / 3, "of_words": 3}
    assert card["settings"]["workers"] == 1
    assert sorted(path.name for path in target.iterdir()) == [
        "card.json",
        "matrix.npy",
        "vocabulary.json",
    ]


def test_progress_is_told_from_the_dump_to_the_last_iteration(trained, dump):
    _, _, steps = trained
    size = dump.stat().st_size
    assert ("reading the dump", size, size) in steps
    assert steps[-1] == ("Iteration 2/2", 40, 40)


def test_the_same_dump_gives_the_same_bytes(trained, dump, tmp_path):
    train_from_dump(dump, tmp_path / "again", SMALL, seed=20)
    assert check_vectors(tmp_path / "again") == check_vectors(trained[0])


def test_a_part_of_a_dump_can_be_asked_for(dump, tmp_path):
    train_from_dump(dump, tmp_path / "part", SMALL, seed=20, pages=11)
    corpus = json.loads((tmp_path / "part/card.json").read_text())["corpus"]
    assert (corpus["size"], corpus["redirects"]) == (10, 1)


def test_articles_that_link_to_nothing_are_learnt_from_too(tmp_path):
    """The library's graph of links fails where there is none."""
    pages = "".join(page(f"Page {n}", "un colis arrive vite et bien emballé") for n in range(9))
    dump = write_dump(tmp_path / "x.xml", f"{HEAD}{pages}</mediawiki>")
    vectors = train_from_dump(dump, tmp_path / "new", SMALL, seed=20)
    assert "colis" in vectors.vocabulary


def test_articles_that_only_others_link_to_do_not_break_the_graph(tmp_path):
    """They are entities without links of their own; the library's matrix ends before the last."""
    pages = "".join(page(f"Page {n}", "le [[Zzz]] arrive vite et bien [[Aaa]]") for n in range(9))
    dump = write_dump(tmp_path / "x.xml", f"{HEAD}{pages}</mediawiki>")
    assert "arrive" in train_from_dump(dump, tmp_path / "new", SMALL, seed=20).vocabulary


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<html></html>", "expected <mediawiki"),
        (dump_text()[:5000], "expected a whole Wikipedia dump"),
        (f"{HEAD}</mediawiki>", "expected words that occur 5 times"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused_and_leaves_nothing(tmp_path, text, message):
    dump = write_dump(tmp_path / "x.xml", text)
    with pytest.raises(InvalidInput, match=message):
        train_from_dump(dump, tmp_path / "home/new", SMALL, seed=20)
    assert not list((tmp_path / "home").iterdir())

import bz2
import json
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satispy.core.errors import ArtifactDamaged, InvalidInput
from satispy.core.files import sha256_of
from satispy.features import word2vec_blocks
from satispy.features.shelf import VectorShelf
from satispy.features.text import tokenize
from satispy.features.vectors import WordCount, check_vectors, load_vectors
from satispy.features.word2vec_text import import_word2vec_text

PUBLISHED = "4 3\nde 0.1 0.2 0.3\nENTITY/Paris 9 9 9\nété -1.5 0 2.5\nen_effet 4 4 4\n"
KILLED = """
import os, signal, sys
from pathlib import Path
from satispy.core.files import sha256_of
from satispy.features import word2vec_blocks
from satispy.features.word2vec_text import import_word2vec_text
word2vec_blocks._PIECE = 64
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
import_word2vec_text(Path(sys.argv[1]), Path(sys.argv[2]), die)
"""
WORDS = st.text(min_size=1, max_size=6).filter(lambda word: tokenize(word) == [word])
NUMBERS = st.floats(width=32, allow_nan=False, allow_infinity=False)


def text_file(folder, content, name="vectors.txt"):
    source = folder / name
    data = content if isinstance(content, bytes) else content.encode()
    source.write_bytes(bz2.compress(data) if name.endswith(".bz2") else data)
    return source


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "first line.*received ''"),
        ("de 0.1 0.2\n", "first line"),
        ("2 0\nde\n", "first line"),
        ("2 3", "is cut"),
        ("1 3\nde 0.1 0.2\n", r"line 2 cannot be read: 'de 0.1 0.2' \(2 numbers\)"),
        ("1 3\nde 0.1 0.2 0.3 0.4\n", r"line 2 .*\(4 numbers\)"),
        ("2 3\nde 1 2 3\nla 0.1 0.2 bad\n", "line 3 cannot be read: 'la 0.1 0.2 bad'"),
        ("2 3\nde 1 2 3\nla nan 1 2\n", "finite numbers.*line 3"),
        ("2 3\nde 1 2 3\nla 1e39 1 2\n", "finite numbers.*line 3"),
        ("2 3\nde 1 2 3\nla  1 2\n", "line 3"),
        ("3 3\nde 1 2 3\n\nla 1 2 3\n", "line 3"),
        (b"1 3\nd\xe9 1 2 3\n", "line 2"),
        ("2 3\nde 1\r2 3\nla 1 2 3\n", "line 2"),
        ("1 3\nENTITY/Paris 1 2 3\n", "no word"),
        ("1 3\nDe 1 2 3\n", "no word"),
        ("3 3\nde 0.1 0.2 0.3\n", "expected 3 rows.*found 1"),
        ("1 3\nde 1 2 3\nla 1 2 3\n", "expected 1 rows.*found 2"),
        ("1 3\nde 0.1 0.2 0.3", "is cut"),
        ("3 3\nde 1 2 3\nENTITY/Paris 1 2 3\nde 7 7 7\n", "'de' stands in line 2 and in line 4"),
    ],
)
def test_what_is_no_whole_word2vec_text_is_refused_and_leaves_nothing(tmp_path, content, message):
    source = text_file(tmp_path, content)
    with pytest.raises(InvalidInput, match=message):
        import_word2vec_text(source, tmp_path / "home/new")
    assert not list((tmp_path / "home").iterdir())


@pytest.mark.parametrize("keep", [30, -1])
def test_a_cut_bzip2_file_is_refused(tmp_path, keep):
    source = tmp_path / "vectors.txt.bz2"
    source.write_bytes(bz2.compress(PUBLISHED.encode())[:keep])
    with pytest.raises(InvalidInput, match=r"is cut|first line"):
        import_word2vec_text(source, tmp_path / "home/new")


def test_what_is_no_bzip2_file_is_refused(tmp_path):
    (tmp_path / "vectors.txt.bz2").write_text(PUBLISHED, encoding="utf-8")
    with pytest.raises(InvalidInput, match="expected a bzip2 file"):
        import_word2vec_text(tmp_path / "vectors.txt.bz2", tmp_path / "home/new")


@pytest.mark.parametrize("name", ["vectors.txt", "vectors.txt.bz2"])
def test_published_vectors_come_in_without_what_comments_cannot_ask_for(tmp_path, name):
    """Entities and phrases are left out."""
    steps = []
    vectors = import_word2vec_text(
        text_file(tmp_path, PUBLISHED, name), tmp_path / "new", lambda *step: steps.append(step)
    )
    assert vectors.vocabulary == {"de": 0, "été": 1}
    assert vectors.matrix.tolist() == np.array([[0.1, 0.2, 0.3], [-1.5, 0, 2.5]], "f4").tolist()
    assert steps[-1][1:] == (4, 4)
    assert load_vectors(tmp_path / "new").vocabulary == vectors.vocabulary


def test_several_streams_of_bzip2_are_one_file(tmp_path):
    """As pbzip2 and Wikipedia's multistream dumps write."""
    content = PUBLISHED.encode()
    packed = bz2.compress(content[:20]) + bz2.compress(content[20:])
    (tmp_path / "vectors.txt.bz2").write_bytes(packed)
    vectors = import_word2vec_text(tmp_path / "vectors.txt.bz2", tmp_path / "new")
    assert len(vectors.vocabulary) == 2


@pytest.mark.parametrize("end", [" \n", "\r\n"])
def test_rows_may_end_as_other_tools_end_them(tmp_path, end):
    source = text_file(tmp_path, PUBLISHED.replace("\n", end))
    assert len(import_word2vec_text(source, tmp_path / "new").vocabulary) == 2


@pytest.mark.parametrize("piece", [1, 7, 50, 1 << 20])
def test_the_size_of_the_pieces_changes_nothing(tmp_path, monkeypatch, piece):
    monkeypatch.setattr(word2vec_blocks, "_PIECE", piece)
    vectors = import_word2vec_text(text_file(tmp_path, PUBLISHED), tmp_path / "new")
    assert vectors.vocabulary == {"de": 0, "été": 1}
    assert vectors.matrix[1].tolist() == [-1.5, 0, 2.5]


@settings(max_examples=40, deadline=None)
@given(
    table=st.dictionaries(WORDS, st.lists(NUMBERS, min_size=3, max_size=3), min_size=1),
    packed=st.booleans(),
)
def test_what_is_written_as_text_comes_back(tmp_path_factory, table, packed):
    folder = tmp_path_factory.mktemp("round")
    lines = [f"{word} {' '.join(map(repr, row))}\n" for word, row in table.items()]
    content = f"{len(table)} 3\n{''.join(lines)}"
    source = text_file(folder, content, "v.txt.bz2" if packed else "v.txt")
    vectors = import_word2vec_text(source, folder / "new")
    assert list(vectors.vocabulary) == list(table)
    assert np.array_equal(vectors.matrix, np.array(list(table.values()), np.float32))


def test_an_import_that_is_killed_leaves_nothing_that_looks_whole(tmp_path):
    rows = "".join(f"mot{number} 1 2 3\n" for number in range(50))
    source = text_file(tmp_path, f"50 3\n{rows}")
    target = tmp_path / "vectors/new"
    done = subprocess.run([sys.executable, "-c", KILLED, source, target], check=False)
    assert done.returncode == -signal.SIGKILL
    assert [path.name[:5] for path in target.parent.iterdir()] == [".new."]
    assert VectorShelf(target.parent).versions() == []
    with pytest.raises(ArtifactDamaged):
        load_vectors(target)
    assert len(import_word2vec_text(source, target).vocabulary) == 50


def test_an_interrupted_import_ends_its_threads_and_leaves_nothing(tmp_path):
    def stop(*_):
        raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        import_word2vec_text(text_file(tmp_path, PUBLISHED), tmp_path / "home/new", stop)
    assert threading.active_count() == before
    assert not list((tmp_path / "home").iterdir())


def test_the_card_says_what_was_read_and_what_it_knows(tmp_path, clock):
    source = text_file(tmp_path, PUBLISHED)
    count = WordCount.of([["de", "de", "zut", "été"]])
    import_word2vec_text(source, tmp_path / "new", moment=clock(), reviews=count)
    card = json.loads((tmp_path / "new/card.json").read_text())
    assert card["corpus"]["sha256"] == sha256_of(source)
    assert (card["corpus"]["file"], card["corpus"]["size"]) == ("vectors.txt", 4)
    assert card["coverage"] == {"share": 0.75, "of_words": 4}
    assert card["created_at"] == "2026-11-21T08:00:01.000000Z"
    assert card["libraries"].keys() == {"numpy", "pyarrow"}
    assert check_vectors(tmp_path / "new")

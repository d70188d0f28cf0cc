"""Which rows hold a text, compared with reading them all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review_rows import rows_of, upload
from satispy.data import same_text
from satispy.data.rules import Rules, check_comments
from satispy.data.same_text import Standing, rows_with
from satispy.data.schema import HEADER
from satispy.data.store import Sender

LIES = 'un texte\n7,bien,5,,,,,\n"encore"'
ALPHABET = 'ab,"\n1é'


def found(path, text, start=0, end=None):
    return [row.row_id for row in rows_with(path, text, start, end or path.stat().st_size)]


@pytest.fixture
def base(store):
    texts = ["bien", "très bien", "bien", 'a "b", c', LIES, "bien ", "Bien", "bien,5"]
    rows = check_comments([{"Commentaire": text, "star": "4"} for text in texts], Rules()).rows
    store.append_comments(rows, [Sender("bob")] * len(texts))
    return store.file.path


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("bien", [0, 2]),  # not where it is a part of a text, a line within one, or another case
        ("bien ", [5]),
        ("très bien", [1]),
        ('a "b", c', [3]),
        (LIES, [4]),
        ("rien", []),
        ("4", []),
        ("Commentaire", []),
    ],
)
def test_the_rows_with_just_this_text_are_found(base, text, rows):
    assert found(base, text) == rows


def test_what_a_correction_keeps_is_read_with_it(store):
    header = "Commentaire,star,company,date"
    rows = rows_of('"a, b",2,DemoShop,2026-01-02', header=header)
    store.append(upload(rows=rows))
    end = store.history.current().end_offset
    assert rows_with(store.file.path, "a, b", 0, end) == [Standing(0, 2, "DemoShop", "2026-01-02")]


def test_what_stands_behind_the_end_or_before_the_start_is_not_found(base):
    first = base.read_bytes().index(b"1,tr")
    assert found(base, "bien", 0, first) == [0]
    assert found(base, "bien", first) == [2]


def test_an_adopted_base_may_hold_quotes_that_it_does_not_need_and_a_star_with_a_point(tmp_path):
    path = tmp_path / "base.csv"
    path.write_bytes(HEADER + b'3,"bien",5.0,,,,,\n4,bien,1,,,,,\n')
    assert [(row.row_id, row.star) for row in rows_with(path, "bien", 0, 99)] == [(3, 5), (4, 1)]


def test_what_is_no_row_of_a_base_is_none(tmp_path):
    path = tmp_path / "base.csv"
    path.write_bytes(HEADER + b'3,bien,5\n4,bien,5,,,,,"x\n')
    assert found(path, "bien") == []


@given(st.lists(st.text(ALPHABET, min_size=1, max_size=6), max_size=8), st.integers(1, 9))
def test_any_texts_are_found_however_the_pieces_fall(tmp_path_factory, texts, size):
    path = tmp_path_factory.mktemp("base") / "base.csv"
    good = [text for text in texts if text.strip()]
    cells = [{"Commentaire": text, "star": "4"} for text in good]
    path.write_bytes(HEADER + check_comments(cells, Rules()).rows.encode(0))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("satispy.data.base_file.CHUNK", size)
        assert same_text.read_range.__module__ == "satispy.data.base_file"
        for text in {*good, "a", "1"}:
            assert found(path, text) == [at for at, one in enumerate(good) if one == text]

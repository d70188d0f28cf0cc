import csv
import hashlib
import io

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satispy.data.rows import Rows
from satispy.data.schema import GIVEN

CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
CELLS = st.lists(st.tuples(*[CELL | st.sampled_from(['"', ",", "\r", "\n", ""])] * len(GIVEN)))


def rows_of(cells) -> Rows:
    schema = dict.fromkeys(GIVEN, pl.String)
    return Rows.of(pl.DataFrame(cells, schema=schema, orient="row"))


@given(CELLS, st.integers(0, 10**12))
def test_csv_reads_back_the_very_cells_that_were_written(cells, first_id):
    text = rows_of(cells).encode(first_id).decode()
    read = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert read == [[str(number), *row] for number, row in enumerate(cells, first_id)]


@given(CELLS)
def test_an_identity_is_16_bytes_of_blake2b_over_the_cells_joined_with_nul(cells):
    expected = [hashlib.blake2b("\0".join(row).encode(), digest_size=16).digest() for row in cells]
    halves = rows_of(cells).identities.T.astype(">u8")
    assert [pair.tobytes() for pair in halves] == expected


@given(CELLS.filter(bool), st.data())
def test_identities_are_equal_just_where_the_cells_are(cells, data):
    cells = [*cells, data.draw(st.sampled_from(cells))]
    pairs = list(map(tuple, rows_of(cells).identities.T.tolist()))
    assert [[a == b for b in pairs] for a in pairs] == [[a == b for b in cells] for a in cells]


@given(CELLS, st.data())
def test_kept_keeps_cells_and_identities_together(cells, data):
    mask = np.array([data.draw(st.booleans()) for _ in cells], dtype=np.bool_)
    kept = rows_of(cells).kept(mask)
    again = rows_of([row for row, keep in zip(cells, mask, strict=True) if keep])
    assert len(kept) == mask.sum()
    assert kept.encode(7) == again.encode(7)
    assert np.array_equal(kept.identities, again.identities)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("bien", b"bien"),
        ("bien, mais", b'"bien, mais"'),
        ('"bien"', b'"""bien"""'),
        ("a\rb", b'"a\rb"'),
        ("a\nb", b'"a\nb"'),
        ("déçu 😡", "déçu 😡".encode()),
        ("=1+1", b"=1+1"),
    ],
)
def test_only_what_needs_quotes_gets_them(text, written):
    cells = [(text, "5", "A", "B", "7", "5", "2020-07-27")]
    assert rows_of(cells).encode(42) == b"42," + written + b",5,A,B,7,5,2020-07-27\n"


def test_no_rows_are_no_bytes():
    assert rows_of([]).encode(1) == b""
    assert rows_of([]).identities.shape == (2, 0)

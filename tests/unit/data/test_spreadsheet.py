import csv
import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from satispy.data import spreadsheet
from satispy.data.spreadsheet import (
    DANGEROUS,
    neutralised,
    neutralised_csv,
    restored,
)

telling = st.text(st.sampled_from([*DANGEROUS, *"''''\",;a \0é"]), max_size=8)
cells = telling | st.text(st.characters(codec="utf-8"))
tables = st.lists(st.lists(cells, min_size=1, max_size=4), max_size=6)


@pytest.mark.parametrize(
    ("cell", "harmless"),
    [
        ("=1+1", "'=1+1"),
        ("+33 6 12 34 56 78", "'+33 6 12 34 56 78"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("＝1+1", "'＝1+1"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠A1", "'＠A1"),
        ("'=1", "''=1"),
        ("'''=1", "''''=1"),
        ("'", "'"),
        ("'bien'", "'bien'"),
        ("très = bien", "très = bien"),
        ("", ""),
    ],
)
def test_a_cell_that_would_run_gets_one_apostrophe_and_loses_it_again(cell, harmless):
    assert neutralised(cell) == harmless
    assert restored(harmless) == cell


@given(cells)
def test_every_cell_comes_back_as_it_was(cell):
    assert restored(neutralised(cell)) == cell


@given(cells)
def test_no_neutralised_cell_begins_dangerously(cell):
    assert not neutralised(cell).startswith(tuple(DANGEROUS))


@given(cells, cells)
def test_different_cells_stay_different(one, other):
    assert (neutralised(one) == neutralised(other)) == (one == other)


@given(cells)
def test_every_harmless_cell_is_the_neutralised_form_of_one_cell(cell):
    if not cell.startswith(tuple(DANGEROUS)):
        assert neutralised(restored(cell)) == cell


def written(rows, quoting):
    # QUOTE_MINIMAL leaves a lone carriage return unquoted before Python 3.13
    quoted = any("\r" in cell for row in rows for cell in row)
    buffer = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if quoted else quoting
    csv.writer(buffer, lineterminator="\n", quoting=quoting).writerows(rows)
    return buffer.getvalue()


@given(
    rows=tables,
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    piece=st.sampled_from([1, 2, 3, 7, 1 << 16]),
)
@example(rows=[["''", "=1"], ["'", '"=1"'], ["", "=1"]], quoting=csv.QUOTE_MINIMAL, piece=1)
@settings(max_examples=500, deadline=None)
def test_a_file_is_treated_as_its_cells_are_however_it_is_cut(rows, quoting, piece):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spreadsheet, "_PIECE", piece)
        content = b"".join(neutralised_csv(io.StringIO(written(rows, quoting), newline="")))
    found = list(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))
    assert found == [[neutralised(cell) for cell in row] for row in rows]


def test_a_harmless_file_is_passed_on_byte_by_byte(tmp_path):
    path = tmp_path / "x.csv"
    content = b'line,column,reason\n2,star,"expected 1 to 5, not ""9"""\n3,,""\n\n'
    path.write_bytes(content)
    assert b"".join(neutralised_csv(path)) == content


def test_an_empty_file_has_no_pieces(tmp_path):
    path = tmp_path / "x.csv"
    path.touch()
    assert list(neutralised_csv(path)) == []


def test_a_cell_longer_than_the_csv_module_reads_comes_in_pieces(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("text,star\n" + "é" * 1_000_000 + ",=1\n", encoding="utf-8")
    pieces = list(neutralised_csv(path))
    assert max(map(len, pieces)) <= 4 * (1 << 16)
    assert b"".join(pieces).endswith("é,'=1\n".encode())

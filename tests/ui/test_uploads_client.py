"""Uploads and quarantines, as the page reads and writes them."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews_ui import preview
from reviews_ui.api.errors import Unexpected
from reviews_ui.api.uploads import Quarantine, neutralised, restored
from satispy.data import spreadsheet
from ui.base_server import QUARANTINE

CELL = st.text(st.sampled_from("'=+-@\t＝ax"), max_size=5)


@given(CELL)
def test_the_page_puts_and_takes_the_same_apostrophe_as_the_api(cell):
    assert neutralised(cell) == spreadsheet.neutralised(cell)
    assert restored(cell) == spreadsheet.restored(cell)
    assert restored(neutralised(cell)) == cell


def test_a_quarantine_shows_the_cells_as_the_file_had_them():
    found = Quarantine.read(QUARANTINE, 0, 50)
    assert found.header == ("Commentaire", "star")
    assert found.cells == (("Bof", "9"), ("=2+2", "0"))
    assert [one.line for one in found.reasons] == [3, 4]
    assert found.total == 2


def test_a_quarantine_is_read_a_part_at_a_time():
    found = Quarantine.read(QUARANTINE, 1, 1)
    assert found.cells == (("=2+2", "0"),)
    assert found.total == 2


def test_a_cell_that_stayed_goes_back_as_it_was_downloaded_and_a_new_one_as_it_was_typed():
    found = Quarantine.read(QUARANTINE, 0, 50)
    sent = found.corrected([["Bof", "2"], ["=2+2", "-1"]])
    assert list(csv.reader(io.StringIO(sent.content.decode()))) == [
        ["Commentaire", "star"],
        ["Bof", "2"],
        ["'=2+2", "-1"],
    ]


def test_a_line_of_the_corrected_file_leads_to_that_of_the_first_one():
    found = Quarantine.read(QUARANTINE, 0, 50)
    assert found.corrected([["two\nlines", "2"], ["x", "1"]]).lines == {2: 3, 4: 4}


@pytest.mark.parametrize(
    "content", [b"", b"a,b\n1,2\n", b"line,column,reason\nx,star,why\n", b"\xff\xfe\n"]
)
def test_what_is_no_quarantine_is_not_the_contract(content):
    with pytest.raises(Unexpected):
        Quarantine.read(content, 0, 50)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_preview_reads_what_the_api_would(separator):
    content = f"\ufeffCommentaire{separator}star\n\nBon{separator}5\nBof\n".encode()
    found = preview.of(content)
    assert found.header == ("Commentaire", "star")
    assert found.rows == (("Bon", "5"), ("Bof", ""))


def test_the_preview_minds_a_line_that_names_the_separator():
    assert preview.of(b"sep=;\na;b\n1;2\n").header == ("a", "b")


def test_the_preview_of_a_large_file_ends_before_the_cut():
    content = b"Commentaire,star\n" + "é,5\n".encode() * 40_000
    assert preview.of(content).rows == (("é", "5"),) * preview.ROWS


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04\x00\x00", b"\xff\xfea\x00", b"one\ntwo\n"])
def test_what_is_no_csv_has_no_preview(content):
    assert preview.of(content) is None

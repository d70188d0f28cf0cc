import pytest

from satispy.core.errors import NotAReviewFile, UnsupportedFile
from satispy.data.parsing import parse_file

HEADER = "inID,Commentaire,star,source,company,index_org,star_org,date\n"


def parse(text: str):
    return parse_file(text.encode())


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"PK\x03\x04...", "xlsx"),
        (b"\x1f\x8b...", "gzip"),
        (b"%PDF-1.7", "PDF"),
        (b"\x00\xff\x01bin", "binary"),
    ],
)
def test_what_is_no_text_is_named(content, what):
    with pytest.raises(UnsupportedFile, match=what):
        parse_file(content)


def test_latin_1_is_refused_with_line_and_remedy():
    with pytest.raises(NotAReviewFile, match=r"line 2.*Latin-1.*UTF-8"):
        parse_file("Commentaire,star\ndéçu,1\n".encode("latin-1"))


def test_utf_16_is_refused_by_name():
    with pytest.raises(NotAReviewFile, match="UTF-16"):
        parse_file("Commentaire,star\nbien,5\n".encode("utf-16"))


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", "Commentaire\nbien\n", "star\n5\n"])
def test_mistake_8_a_file_without_the_required_columns_is_refused(content):
    with pytest.raises(NotAReviewFile, match="missing"):
        parse(content)


def test_a_quote_that_is_never_closed_is_refused_and_swallows_no_row():
    rows = "5,bien\n" * 100 + '1,"pas fini\n' + "5,bien\n" * 2000
    with pytest.raises(NotAReviewFile, match="never closed"):
        parse("star,Commentaire\n" + rows)


def test_a_column_that_stands_twice_is_refused():
    with pytest.raises(NotAReviewFile, match="star stands twice"):
        parse("Commentaire,star,star\nbien,5,1\n")


def test_mistake_8_columns_are_found_by_name_in_any_order():
    parsed = parse("date,star,Commentaire,inconnu\n27/07/2020,5,très bien,x\n")
    assert parsed.rows == [("très bien", "5", "", "", "", "", "2020-07-27")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_comma_semicolon_and_tab_are_understood(delimiter):
    parsed = parse(delimiter.join(["Commentaire", "star"]) + "\n" + delimiter.join(["ok", "4"]))
    assert parsed.rows[0][:2] == ("ok", "4")


def test_a_byte_order_mark_is_skipped_and_both_date_formats_agree():
    first = parse_file(b"\xef\xbb\xbf" + HEADER.encode() + b"0,bien,5,A,B,7,5,27/07/2020\n")
    second = parse(HEADER + "9,bien,5,A,B,7,5,2020-07-27 00:00:00+00:00\n")
    assert first.rows == second.rows == [("bien", "5", "A", "B", "7", "5", "2020-07-27")]


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ("0,,5,A,B,1,5,", "Commentaire", "blank"),
        ("0,  ,5,A,B,1,5,", "Commentaire", "blank"),
        ("0,\u200b,5,A,B,1,5,", "Commentaire", "blank"),
        ("0,bien,,A,B,1,5,", "star", "1 to 5"),
        ("0,bien,bad,A,B,1,5,", "star", "'bad'"),
        ("0,bien,6,A,B,1,5,", "star", "'6'"),
        ("0,bien,4.5,A,B,1,5,", "star", "'4.5'"),
        ("0,bien,5,A,B,1,5,31/02/2020", "date", "calendar"),
        ("0,bien,5,A,B,1,5,hier", "date", "YYYY-MM-DD"),
        ("0,bien,5,A,B,1,5", "", "8 cells"),
        ("0,bi\0en,5,A,B,1,5,", "Commentaire", "NUL"),
    ],
)
def test_a_bad_row_is_set_aside_with_line_column_and_reason(cells, column, reason):
    parsed = parse(HEADER + "0,bien,5,A,B,1,5,\n" + cells + "\n")
    assert len(parsed.rows) == 1
    (bad,) = parsed.bad
    assert (bad.line, bad.column) == (3, column)
    assert reason in bad.reason
    assert ",".join(bad.cells) == cells


def test_lines_are_counted_through_quoted_newlines():
    parsed = parse(HEADER + '0,"a\nb\nc",5,A,B,1,5,\n1,bien,9,A,B,1,5,\n')
    assert parsed.rows[0][0] == "a\nb\nc"
    assert parsed.bad[0].line == 5


def test_a_star_that_a_spreadsheet_made_a_decimal_is_understood():
    assert parse("Commentaire,star\nbien,5.0\n").rows[0][1] == "5"

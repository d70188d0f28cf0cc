import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from satispy.core.errors import NotAReviewFile, UnsupportedFile
from satispy.data import review_file
from satispy.data.review_file import ReviewFile
from satispy.data.rules import Rules
from satispy.data.schema import GIVEN

HEADER = "inID,Commentaire,star,source,company,index_org,star_org,date\n"


def read(content, rules=Rules()):  # noqa: B008 - frozen
    """Return the rows, as the base would hold them but for ids, and the bad rows."""
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    batches = list(ReviewFile(file, rules))
    assert not file.closed
    text = b"".join(batch.rows.encode(0) for batch in batches).decode()
    rows = [tuple(cells[1:]) for cells in csv.reader(io.StringIO(text, newline=""), strict=True)]
    return rows, [bad for batch in batches for bad in batch.bad]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"PK\x03\x04...", "xlsx"),
        (b"\x1f\x8b...", "gzip"),
        (b"7z\xbc\xaf\x27\x1c...", "7-Zip"),
        (b"%PDF-1.7", "PDF"),
        (b"\x00\xff\x01bin", "binary"),
    ],
)
def test_what_is_no_text_is_named(content, what):
    with pytest.raises(UnsupportedFile, match=what):
        read(content)


def test_latin_1_is_refused_with_byte_line_and_remedy():
    with pytest.raises(NotAReviewFile, match=r"byte 18 \(line 2\) is 0xe9.*Latin-1.*UTF-8"):
        read("Commentaire,star\ndéçu,1\n".encode("latin-1"))


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("block", [1, 3, 1 << 20])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_byte_that_is_not_utf_8_is_found_wherever_it_lies(monkeypatch, mark, block, end):
    monkeypatch.setattr(review_file, "_BLOCK", block)
    before = mark + f"Commentaire,star{end}été 😀,5{end}".encode() * 1
    with pytest.raises(NotAReviewFile, match=rf"byte {len(before) + 1} \(line 3\) is 0xe7"):
        read(before + b"d\xe7u,1" + end.encode())


def test_a_character_cut_off_by_the_end_of_the_file_is_refused():
    with pytest.raises(NotAReviewFile, match=r"byte 20 \(line 2\)"):
        read(b"Commentaire,star\nok,\xf0\x9f")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_refused_by_name(encoding):
    with pytest.raises(NotAReviewFile, match=r"UTF-16.*Save the file as"):
        read("Commentaire,star\nbien,5\n".encode(encoding))


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff", "sep=;\n"])
def test_a_file_without_a_word_is_called_empty(content):
    with pytest.raises(NotAReviewFile, match="the file is empty"):
        read(content)


@pytest.mark.parametrize("content", ["a,b\n1,2\n", "Commentaire\nbien\n", "star\n5\n"])
def test_mistake_8_a_file_without_the_required_columns_is_refused(content):
    with pytest.raises(NotAReviewFile, match="missing"):
        read(content)


def test_a_refused_header_is_quoted_as_its_likeliest_delimiter_reads_it():
    with pytest.raises(NotAReviewFile, match="missing: star; received: 'Commentaire', 'étoiles'"):
        read("Commentaire;étoiles\n")


def test_a_column_that_stands_twice_is_refused():
    with pytest.raises(NotAReviewFile, match="star stands twice"):
        read("Commentaire,star,star\nbien,5,1\n")


@pytest.mark.parametrize("other", ["STAR", " Star "])
def test_two_columns_that_differ_in_case_alone_are_refused(other):
    with pytest.raises(NotAReviewFile, match="star stands twice"):
        read(f"Commentaire,star,{other}\nbien,5,1\n")


def test_names_in_any_case_are_found_and_told_as_they_came():
    content = "COMMENTAIRE,Star ,DATE,InId,Note\nbien,5,27/07/2020,3,x\n"
    assert read(content)[0] == [("bien", "5", "", "", "", "", "2020-07-27")]
    file = ReviewFile(io.BytesIO(content.encode()), Rules())
    assert file.header == ("COMMENTAIRE", "Star", "DATE", "InId", "Note")
    assert file.ignored == ("Note",)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_line_that_tells_excel_the_separator_is_skipped(delimiter, mark):
    lines = [f"{mark}sep={delimiter}", *map(delimiter.join, (["star", "Commentaire"], ["9", "a"]))]
    rows, (bad,) = read("\r\n".join([*lines, delimiter.join(["5", "bien"])]))
    assert [row[:2] for row in rows] == [("bien", "5")]
    assert (bad.line, bad.column) == (3, "star")


def test_rows_of_empty_cells_are_skipped_and_counted_and_lines_stay_right():
    content = "star;Commentaire;x\n5;bien;\n;;\n;;;\n\n9;mal;\n" + ";;\n" * 40
    rows, (bad,) = read(content)
    assert (len(rows), bad.line) == (1, 6)
    file = ReviewFile(io.BytesIO(content.encode()), Rules())
    for _ in range(2):
        list(file)
        assert file.empty_rows == 42


def test_a_quote_that_is_never_closed_is_refused_and_its_row_is_named():
    rows = "5,bien\n" * 100 + '1,"pas fini\n' + "5,bien\n" * 2000
    with pytest.raises(NotAReviewFile, match=r"starts on line 102: .*never closed"):
        read("star,Commentaire\n" + rows)


def test_a_quote_inside_a_cell_that_is_not_written_twice_is_refused():
    with pytest.raises(NotAReviewFile, match=r"starts on line 3: .*not written twice"):
        read('star,Commentaire\n5,bien\n1,"a "b" c"\n')


def test_a_row_without_end_is_refused_before_it_fills_the_memory(monkeypatch):
    monkeypatch.setattr(review_file, "MOST_CHARACTERS", 1000)
    monkeypatch.setattr(review_file, "_BLOCK", 100)
    rows = "5,bien\n" * 1000 + '1,"pas fini\n' + "5,bien\n" * 2000
    with pytest.raises(NotAReviewFile, match=r"starts on line 1002: more than 1000 characters"):
        read("star,Commentaire\n" + rows, Rules(longest_row=1000))
    with pytest.raises(NotAReviewFile, match=r"starts on line 1: more than 1000 characters"):
        read("x" * 3000, Rules(longest_row=1000))


def test_mistake_8_columns_are_found_by_name_in_any_order():
    content = "date,star, Commentaire ,inconnu,inID\n27/07/2020,5,très bien,x,3\n"
    assert read(content)[0] == [("très bien", "5", "", "", "", "", "2020-07-27")]


def test_the_header_and_what_is_ignored_of_it_are_told():
    file = ReviewFile(io.BytesIO(b"b,star,inID,Commentaire,a,date\n"), Rules())
    assert file.header == ("b", "star", "inID", "Commentaire", "a", "date")
    assert file.ignored == ("b", "a")
    assert list(file) == []


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_comma_semicolon_and_tab_are_understood(delimiter):
    content = delimiter.join(["Commentaire", "star"]) + "\n" + delimiter.join(["ok", "4"])
    assert read(content)[0][0][:2] == ("ok", "4")


def test_the_delimiter_is_the_one_that_gives_the_required_columns():
    assert read('"a,b,c,d,e";Commentaire;star\nx;"bien; oui";5\n')[0][0][:2] == ("bien; oui", "5")


def test_a_byte_order_mark_is_skipped_and_both_date_formats_agree():
    first = read(b"\xef\xbb\xbf" + HEADER.encode() + b"0,bien,5,A,B,7,5,27/07/2020\n")
    second = read(HEADER + "9,bien,5,A,B,7,5,2020-07-27 00:00:00+00:00\n")
    assert first == second == ([("bien", "5", "A", "B", "7", "5", "2020-07-27")], [])


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ("0,,5,A,B,1,5,", "Commentaire", "blank"),
        ("0,\u200b,5,A,B,1,5,", "Commentaire", "blank"),
        ("0,bien,,A,B,1,5,", "star", "1 to 5"),
        ("0,bien,bad,A,B,1,5,", "star", "'bad'"),
        ("0,bien,5,A,B,1,5,31/02/2020", "date", "calendar"),
        ("0,bien,5,A,B,1,5,hier", "date", "YYYY-MM-DD"),
        ("0,bien,5,A,B,1,5", "", "8 cells as in the header, but received 7"),
        ("0,bien,5,A,B,1,5,,", "", "8 cells as in the header, but received 9"),
        ("   ", "", "8 cells as in the header, but received 1"),
        ("0,bi\0en,5,A,B,1,5,", "Commentaire", "NUL"),
    ],
)
def test_a_bad_row_is_set_aside_with_line_column_and_reason(cells, column, reason):
    rows, (bad,) = read(HEADER + "0,bien,5,A,B,1,5,\n\n" + cells + "\n0,bon,4,A,B,2,4,\n")
    assert [row[0] for row in rows] == ["bien", "bon"]
    assert (bad.line, bad.column) == (4, column)
    assert reason in bad.reason
    assert ",".join(bad.cells) == cells


def test_nul_in_a_column_that_we_do_not_keep_does_no_harm():
    assert len(read("Commentaire,star,x\nbien,5,\0\n")[0]) == 1


def test_lines_are_counted_through_quoted_newlines_and_empty_lines():
    content = HEADER + '0,"a\r\nb\nc\rd",5,A,B,1,5,\r\n\r\n1,bien,9,A,B,1,5,\r\n'
    rows, (bad,) = read(content)
    assert rows[0][0] == "a\r\nb\nc\rd"
    assert bad.line == 7


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("block", [1, 2, 3, 1 << 20])
def test_every_line_end_is_understood_wherever_a_block_ends(monkeypatch, end, block):
    monkeypatch.setattr(review_file, "_BLOCK", block)
    rows, (bad,) = read(end.join(["Commentaire,star", "a,5", "", "é,4", "c,x", ""]))
    assert [row[:2] for row in rows] == [("a", "5"), ("é", "4")]
    assert bad.line == 5


def test_what_only_str_splitlines_takes_for_a_line_end_stays_in_the_cell():
    text = "a\x0bb\x0cc\x1cd\x85e\u2028f"
    assert read(f"star,Commentaire\n5,{text}\n")[0][0][0] == text


def test_a_cell_of_10_mb_is_a_bad_row_and_its_neighbours_are_read():
    rows, (bad,) = read("Commentaire,star\na,5\n" + "x" * 10_000_000 + ",5\nb,5\n")
    assert [row[0] for row in rows] == ["a", "b"]
    assert (bad.line, bad.column) == (3, "Commentaire")
    assert bad.reason == "expected at most 10000 characters, but received 10000000"


def test_5000_columns_do_no_harm():
    names = [f"c{number}" for number in range(5000)]
    content = ",".join(["star", *names, "Commentaire"]) + "\n"
    content += ("5," + "x," * 5000 + "bien\n") * 3 + "5,bien\n"
    rows, bad = read(content)
    assert rows == [("bien", "5", "", "", "", "", "")] * 3
    assert bad[0].reason == "expected 5002 cells as in the header, but received 2"
    assert ReviewFile(io.BytesIO(content.encode()), Rules()).ignored == tuple(names)


@pytest.mark.parametrize(("line", "column"), [("5,,\n", "Commentaire"), ("5\n", "")])
def test_rows_that_are_all_bad_come_in_bounded_batches(monkeypatch, line, column):
    monkeypatch.setattr(review_file, "MOST_ROWS", 10)
    content = "star,Commentaire,x\n" + line * 95
    batches = list(ReviewFile(io.BytesIO(content.encode()), Rules()))
    assert [len(batch.bad) for batch in batches] == [10] * 9 + [5]
    assert [bad.line for batch in batches for bad in batch.bad] == list(range(2, 97))
    assert {bad.column for batch in batches for bad in batch.bad} == {column}


def test_a_batch_ends_after_so_many_characters(monkeypatch):
    monkeypatch.setattr(review_file, "MOST_CHARACTERS", 1000)
    monkeypatch.setattr(review_file, "_BLOCK", 500)
    content = "star,Commentaire\n" + ("5," + "x" * 97 + "\n") * 95
    sizes = [len(batch.rows) for batch in ReviewFile(io.BytesIO(content.encode()), Rules())]
    assert sum(sizes) == 95
    assert max(sizes) <= 15


def test_any_number_of_empty_lines_is_skipped(monkeypatch):
    monkeypatch.setattr(review_file, "MOST_CHARACTERS", 100)
    monkeypatch.setattr(review_file, "_BLOCK", 50)
    rows, (bad,) = read(
        "\nstar,Commentaire\n5,bien\n" + "\n" * 1000 + "5\n5,bien\n", Rules(longest_row=100)
    )
    assert (len(rows), bad.line) == (2, 1004)


def test_a_file_can_be_read_again():
    file = ReviewFile(io.BytesIO(b"star,Commentaire\n5,bien\n"), Rules())
    assert [len(batch.rows) for batch in file] == [len(batch.rows) for batch in file] == [1]


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=10)
ROW = st.fixed_dictionaries(
    {
        "Commentaire": TEXT.map(lambda text: "a" + text) | st.just('",;\t\r\n"'),
        "star": st.sampled_from("12345"),
        **dict.fromkeys(["source", "company", "index_org", "star_org", "inconnu"], TEXT),
        "date": st.just("") | st.dates().map(str),
    }
)


@given(
    st.lists(ROW, max_size=6),
    st.permutations([*GIVEN, "inconnu"]),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_what_was_written_is_what_is_read(rows, names, delimiter, end, marked):
    text = io.StringIO(newline="")
    # before Python 3.13 csv.writer leaves a lone carriage return without quotes
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([names, *([row[name] for name in names] for row in rows)])
    found, bad = read(text.getvalue().encode("utf-8-sig" if marked else "utf-8"))
    assert bad == []
    assert found == [tuple(row[name] for name in GIVEN) for row in rows]


LINES = st.lists(
    st.sampled_from(["5,bien,x", '5,"a\nb\r\nc",x', "", "6,bien,x", "5,,x", "5,bien", '5,é😀,"\r"'])
)


@given(LINES, st.integers(1, 4), st.integers(1, 9), st.sampled_from([20, 10**6]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_where_batches_and_blocks_end_changes_nothing(monkeypatch, lines, most, block, characters):
    content = "star,Commentaire,x\n" + "".join(line + "\r\n" for line in lines)
    whole = read(content)
    with monkeypatch.context() as patch:
        patch.setattr(review_file, "MOST_ROWS", most)
        patch.setattr(review_file, "MOST_CHARACTERS", characters)
        patch.setattr(review_file, "_BLOCK", block)
        assert read(content) == whole

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satispy.data.review_file import ReviewFile
from satispy.data.rules import BadRow, Rules, check_comments
from satispy.data.schema import GIVEN

GOOD = {
    "Commentaire": "bien",
    "star": "5",
    "source": "A",
    "company": "B",
    "index_org": "7",
    "star_org": "5",
    "date": "",
}


def written(batch) -> list[list[str]]:
    text = batch.rows.encode(0).decode()
    return [cells[1:] for cells in csv.reader(io.StringIO(text, newline=""), strict=True)]


def the_bad_one(rules=Rules(), **cells) -> BadRow:  # noqa: B008 - frozen
    batch = check_comments([GOOD, GOOD | cells], rules)
    assert written(batch) == [list(GOOD.values())]
    (bad,) = batch.bad
    assert bad.line == 1
    assert bad.cells == tuple((GOOD | cells).values())
    return bad


@pytest.mark.parametrize(
    "text", ["", "  ", "\u200b", "\ufeff", "\u2028", "\u00a0\t", "\u0007", "\r\n"]
)
def test_a_text_without_a_visible_character_is_blank(text):
    assert the_bad_one(Commentaire=text)[1:3] == (
        "Commentaire",
        "expected the text of a review, but received a blank one",
    )


def test_a_text_may_be_as_long_as_configured_and_no_longer():
    rules = Rules(longest_text=3)
    assert written(check_comments([GOOD | {"Commentaire": "😀é\n"}], rules))[0][0] == "😀é\n"
    batch = check_comments([GOOD | {"Commentaire": "bien"}], rules)
    assert batch.bad[0].reason == "expected at most 3 characters, but received 4"


def test_other_texts_have_a_limit_of_their_own():
    good = {"Commentaire": "bien", "star": "5", "source": "x" * 200}
    batch = check_comments([good, good | {"company": "y" * 201}], Rules())
    assert len(batch.rows) == 1
    assert batch.bad[0].column == "company"
    assert batch.bad[0].reason == "expected at most 200 characters, but received 201"


@pytest.mark.parametrize(
    "star", ["", "bad", "0", "6", "4.5", "-1", "5.", "55", "5\0", "5\n4", "٣", "5,0"]
)
def test_what_is_no_star_is_quoted(star):
    bad = the_bad_one(star=star)
    assert bad.column == "star"
    assert bad.reason == f"expected a whole number from 1 to 5, but received {star!r}"


@pytest.mark.parametrize("star", ["5", " 5 ", "5.0", "5.000", "5\n"])
def test_a_star_is_written_as_its_digit(star):
    assert written(check_comments([GOOD | {"star": star}], Rules()))[0][1] == "5"


@pytest.mark.parametrize(
    ("day", "normal"),
    [
        ("", ""),
        ("  ", ""),
        ("2020-02-29", "2020-02-29"),
        (" 2020-02-29 ", "2020-02-29"),
        ("2020-02-29 10:00", "2020-02-29"),
        ("2020-02-29T10:00:00Z", "2020-02-29"),
        ("2020-02-29 00:00:00.123+00:00", "2020-02-29"),
        ("2020-02-29T10:00-0230", "2020-02-29"),
        ("27/07/2020", "2020-07-27"),
        ("1/7/2020", "2020-07-01"),
        ("31/12/9999", "9999-12-31"),
        ("0001-01-01", "0001-01-01"),
    ],
)
def test_a_day_is_written_as_year_month_day(day, normal):
    assert written(check_comments([GOOD | {"date": day}], Rules()))[0][6] == normal


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("31/02/2020", "a day of the calendar"),
        ("29/02/1900", "a day of the calendar"),
        ("2020-13-01", "a day of the calendar"),
        ("0000-01-01", "a day of the calendar"),
        ("hier", "YYYY-MM-DD or DD/MM/YYYY"),
        ("1/7/20", "YYYY-MM-DD or DD/MM/YYYY"),
        ("2020-1-1", "YYYY-MM-DD or DD/MM/YYYY"),
        ("2020/01/01", "YYYY-MM-DD or DD/MM/YYYY"),
        ("2020-01-01x", "YYYY-MM-DD or DD/MM/YYYY"),
        ("2020-01-01\n2020-01-01", "YYYY-MM-DD or DD/MM/YYYY"),
    ],
)
def test_what_is_no_day_is_told(day, expected):
    assert the_bad_one(date=day)[1:3] == ("date", f"expected {expected}, but received {day!r}")


@given(st.dates(), st.sampled_from(["%Y-%m-%d", "%d/%m/%Y"]))
def test_every_day_of_the_calendar_is_understood_in_both_formats(day, form):
    # strftime does not pad years below 1000
    text = day.isoformat() if form[1] == "Y" else "/".join(reversed(day.isoformat().split("-")))
    assert written(check_comments([GOOD | {"date": text}], Rules()))[0][6] == day.isoformat()


def test_a_day_in_the_future_is_refused_and_today_is_not():
    rules = Rules(latest_day=date(2026, 11, 22))
    today = check_comments([GOOD | {"date": "22/11/2026"}, GOOD | {"date": ""}], rules)
    assert (len(today.rows), today.bad) == (2, [])
    bad = the_bad_one(rules, date="2031-01-01")
    assert bad.reason == "expected a day not after 2026-11-22, but received '2031-01-01'"


@pytest.mark.parametrize("column", ["Commentaire", "source", "company", "index_org", "star_org"])
def test_nul_is_refused_in_every_text(column):
    bad = the_bad_one(**{column: "bi\0en"})
    assert bad[1:3] == (column, "expected text, but received a NUL character")


@pytest.mark.parametrize("column", GIVEN)
def test_half_a_character_is_refused_in_every_column(column):
    bad = the_bad_one(**{column: "bien \ud83d"})
    assert bad.column == column
    assert r"'bien \ud83d'" in bad.reason
    bad.reason.encode()


def test_the_first_wrong_column_gives_the_reason():
    assert the_bad_one(Commentaire=" ", star="6", date="hier").column == "Commentaire"
    assert the_bad_one(star="6", company="\0", date="hier").column == "star"
    assert the_bad_one(company="\0", date="hier").column == "company"


def test_what_is_quoted_is_shortened():
    bad = the_bad_one(star="x" * 10_000_000)
    assert bad.reason == f"expected a whole number from 1 to 5, but received '{'x' * 60}…'"


def test_columns_that_a_comment_does_not_give_stay_empty():
    batch = check_comments([{"Commentaire": "bien", "star": "5"}], Rules())
    assert written(batch) == [["bien", "5", "", "", "", "", ""]]
    assert check_comments([{"star": "5"}], Rules()).bad[0].column == "Commentaire"


def test_no_comments_are_an_empty_batch():
    batch = check_comments([], Rules())
    assert (len(batch.rows), batch.bad) == (0, [])


def test_the_mask_changes_texts_before_they_are_identified_and_written():
    rules = Rules(mask=lambda texts: texts.str.replace_all("[0-9]+", "#"))
    comments = [GOOD | {"Commentaire": f"commande {n}", "star": n} for n in ("1", "22")]
    batch = check_comments(comments, rules)
    assert [cells[0] for cells in written(batch)] == ["commande #"]
    assert batch.bad[0].cells[0] == "commande 22"
    plain = check_comments([GOOD | {"Commentaire": "commande #", "star": "1"}], Rules())
    assert batch.rows.identities.tolist() == plain.rows.identities.tolist()


CELL = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
STAR = st.sampled_from(["1", " 5", "5.0", "6", "", "x"])
DAY = st.sampled_from(["", "2020-01-31", "31/01/2020", "31/02/2020", "hier", "2031-01-01"])


# A line of a file in which nothing stands is passed over; a comment is not.
ROW = st.tuples(CELL, STAR, CELL, CELL, CELL, CELL, DAY).filter(any)


@given(st.lists(ROW, min_size=1, max_size=8))
def test_a_file_and_single_comments_are_judged_alike(cells):
    rules = Rules(longest_text=4, latest_day=date(2026, 11, 22))
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([GIVEN, *cells])
    (of_file,) = ReviewFile(io.BytesIO(text.getvalue().encode()), rules)
    comments = check_comments([dict(zip(GIVEN, row, strict=True)) for row in cells], rules)
    assert comments.rows.encode(1) == of_file.rows.encode(1)
    assert comments.rows.identities.tolist() == of_file.rows.identities.tolist()
    assert [bad[1:] for bad in comments.bad] == [bad[1:] for bad in of_file.bad]

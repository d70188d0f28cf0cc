"""French texts and numbers, the table and its CSV, the cards."""

import csv
import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import reviews_ui
from reviews_ui import i18n, markup, table
from reviews_ui.api.accounts import token
from reviews_ui.api.connection import Connection
from reviews_ui.api.reports import reports as reports_of

HOME = Path(reviews_ui.__file__).parent.parent


@pytest.fixture
def reports(api_server):
    stranger = Connection(api_server.url)
    given = token(stranger, "alice", api_server.password)
    return reports_of(stranger.with_token(given.text), 0.8)


def test_a_percentage_has_a_comma_and_a_space_that_does_not_break():
    assert i18n.percent(0.884) == "88,4\u00a0%"
    assert i18n.percent(0.8, 0) == "80\u00a0%"


def test_a_score_just_under_the_threshold_does_not_read_as_equal_to_it():
    assert i18n.percent_beside(0.7996, 0.8) == "79,96\u00a0%"
    assert i18n.percent_beside(0.701, 0.8) == "70,1\u00a0%"
    assert i18n.percent_beside(0.8, 0.8) == "80,0\u00a0%"


def test_thousands_are_parted_by_a_thin_space():
    assert i18n.whole(15_703) == "15\u202f703"
    assert i18n.decimal(12.34) == "12,3"


def test_a_moment_is_written_as_french_does_and_anything_else_left_alone():
    assert i18n.moment("2026-11-21 02:43:10") == "21/11/2026 02:43:10"
    assert i18n.moment("hier") == "hier"


def test_english_writes_numbers_and_moments_its_own_way():
    with i18n.speaking("en"):
        assert i18n.percent(0.884) == "88.4%"
        assert i18n.whole(15_703) == "15,703"
        assert i18n.decimal(12.34) == "12.3"
        assert i18n.moment("2026-11-21T02:43:10Z", seconds=False) == "2026-11-21 02:43"
        assert i18n.short_moment("2026-11-21 02:43:10") == "Nov 21<br>02:43"


@pytest.mark.parametrize(
    ("locale", "language"),
    [("fr-FR", "fr"), ("FR", "fr"), ("en-GB", "en"), ("de-DE", "en"), ("fro", "en"), (None, "fr")],
)
def test_the_language_starts_from_that_of_the_browser(locale, language):
    assert i18n.of_browser(locale) == language


def test_the_csv_opens_in_spreadsheets_and_has_the_newest_run_first(reports):
    content = table.to_csv(reports, "fr")
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[0][:4] == ["Date-Heure (UTC)", "Famille", "accuracy", "accuracy_low"]
    assert table.to_csv(reports, "en").decode("utf-8-sig").startswith("Date and time (UTC),Family,")
    assert rows[1][0] == "2026-11-21 02:03:10"
    assert float(rows[1][2]) == pytest.approx(0.89)
    assert len(rows) == 1 + len(reports.items)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_would_start_a_formula_is_made_inert(reports, start):
    item = replace(reports.items[0], dag_run=f"{start}HYPERLINK(1)", train_seconds=-1.5)
    content = table.to_csv(replace(reports, items=(item,)), "fr").decode("utf-8-sig")
    cells = list(csv.reader(io.StringIO(content, newline="")))[1]
    assert f"'{start}HYPERLINK(1)" in cells
    assert "-1.5" in cells


def test_what_comes_from_outside_is_escaped(reports):
    item = replace(reports.items[-1], dag_run="<img src=x>", family="<b>")
    hostile = replace(reports, items=(item,), metrics=("accuracy",))
    assert "<img" not in markup.reports_table(hostile, 9)
    assert "&lt;B&gt;" in markup.status_cards(hostile)


def test_a_family_without_any_state_is_neither_ok_nor_in_alert(reports):
    cards = markup.status_cards(replace(reports, alerts=()))
    assert "INCONNU" in cards
    assert "OK<" not in cards
    assert "ALERTE" not in cards


def test_the_json_holds_all_scores_with_their_intervals(reports):
    body = json.loads(table.to_json(reports))
    assert body["threshold"] == reports.threshold
    newest = body["items"][-1]
    assert newest["scores"]["accuracy"] == pytest.approx(0.89)
    assert newest["ends"]["accuracy"] == pytest.approx([0.878, 0.9])


def test_a_score_that_a_run_lacks_is_an_empty_cell(reports):
    more = replace(reports.items[-1], scores={**reports.items[-1].scores, "brier": 0.067})
    content = table.to_csv(replace(reports, items=(*reports.items[:-1], more)), "fr")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row["brier"] for row in rows[:2]] == ["0.067", ""]
    assert rows[0]["brier_low"] == ""


def test_the_table_lists_the_newest_run_first(reports):
    content = markup.reports_table(reports, 9)
    assert content.index("02:03:10") < content.index("02:02:10") < content.index("02:01:10")
    assert "Date-Heure (UTC)" in content


def test_the_pages_library_loads_neither_pandas_nor_anything_of_ours():
    heavy = "{'pandas', 'numpy', 'pyarrow', 'satispy', 'reviews_api', 'tensorflow'}"
    code = (
        "import sys; from reviews_ui import api, charts, markup, session, table; "
        "from reviews_ui.performance import alert_list, card, compare, history, one_run; "
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=HOME, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr

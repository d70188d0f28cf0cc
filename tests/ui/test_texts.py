"""French texts and numbers, the table and its CSV, the cards."""

import csv
import io
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import reviews_ui
from reviews_ui import i18n, markup, table
from reviews_ui.client import ApiError, ReviewsApi

HOME = Path(reviews_ui.__file__).parent.parent


@pytest.fixture
def reports(api_server):
    return ReviewsApi(api_server.url, "alice", api_server.password).reports(0.8)


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


def test_a_text_that_is_asked_for_without_existing_is_an_error():
    with pytest.raises(KeyError):
        i18n.t("nowhere")


def test_every_text_that_the_page_asks_for_exists_and_none_is_left_over():
    modules = [path for path in HOME.rglob("*.py") if path.name != "i18n.py"]
    sources = "".join(path.read_text() for path in modules)
    asked = set(re.findall(r"""\bt\(\s*["']([a-z_.]+)["']""", sources))
    assembled = ("error.", "table.", "predict.example.", "predict.all.")
    left_over = {
        key for key in i18n.TEXTS if f'"{key}"' not in sources and f"'{key}'" not in sources
    }
    assert asked <= set(i18n.TEXTS)
    assert {key for key in left_over if not key.startswith(assembled)} == set()


def test_every_error_has_its_sentence_and_its_remedy():
    def kinds(kind):
        return {kind, *(deep for sub in kind.__subclasses__() for deep in kinds(sub))}

    for kind in kinds(ApiError) - {ApiError}:
        assert f"error.{kind.__name__}" in i18n.TEXTS
        assert f"error.{kind.__name__}.todo" in i18n.TEXTS


def test_the_csv_opens_in_spreadsheets_and_has_the_newest_run_first(reports):
    content = table.to_csv(reports)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[0][:5] == ["Date-Heure (UTC)", "Famille", "accuracy", "f1_0", "f1_1"]
    assert rows[1][0] == "2026-11-21 02:03:10"
    assert float(rows[1][2]) == pytest.approx(0.89)
    assert len(rows) == 1 + len(reports.items)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_would_start_a_formula_is_made_inert(reports, start):
    item = replace(reports.items[0], dag_run=f"{start}HYPERLINK(1)", train_seconds=-1.5)
    content = table.to_csv(replace(reports, items=(item,))).decode("utf-8-sig")
    cells = list(csv.reader(io.StringIO(content, newline="")))[1]
    assert f"'{start}HYPERLINK(1)" in cells
    assert "-1.5" in cells


def test_what_comes_from_outside_is_escaped(reports):
    item = replace(reports.items[-1], dag_run="<img src=x>", family="<b>")
    hostile = replace(reports, items=(item,), metrics=("accuracy",))
    assert "<img" not in markup.reports_table(hostile)
    assert "&lt;B&gt;" in markup.status_cards(hostile)


def test_a_family_without_any_state_is_neither_ok_nor_in_alert(reports):
    cards = markup.status_cards(replace(reports, alerts=()))
    assert "INCONNU" in cards
    assert "OK<" not in cards
    assert "ALERTE" not in cards


def test_the_table_lists_the_newest_run_first(reports):
    content = markup.reports_table(reports)
    assert content.index("02:03:10") < content.index("02:02:10") < content.index("02:01:10")
    assert "Date-Heure (UTC)" in content


def test_the_pages_library_loads_neither_pandas_nor_anything_of_ours():
    heavy = "{'pandas', 'numpy', 'pyarrow', 'satispy', 'reviews_api', 'tensorflow'}"
    code = (
        "import sys; from reviews_ui import charts, client, markup, session, table; "
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=HOME, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr

import csv

import pytest

from satispy.data.quarantine import FIRST, HEADER, Quarantine, prefixed_cells
from satispy.data.rules import BadRow

ROW = BadRow(3, "star", "expected a whole number from 1 to 5, but received '9'", ("=1", "9"))


def quarantine(tmp_path, header=("Commentaire", "star")):
    return Quarantine(tmp_path / "quarantine", "u", header)


def read(aside):
    with aside.path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def left(tmp_path):
    return [path.name for path in (tmp_path / "quarantine").iterdir()]


def test_what_is_not_kept_leaves_nothing(tmp_path):
    with quarantine(tmp_path) as aside:
        aside.add([ROW])
    assert left(tmp_path) == []


def test_what_fails_leaves_nothing(tmp_path):
    aside = quarantine(tmp_path)
    with pytest.raises(AttributeError), aside:
        aside.add([ROW, None])
    assert left(tmp_path) == []


def test_without_bad_rows_there_is_no_file(tmp_path):
    with quarantine(tmp_path) as aside:
        aside.keep()
    assert left(tmp_path) == []


def test_cells_are_kept_as_received_behind_line_column_and_reason(tmp_path):
    cells = ('a "b",\r\nc', "é\0")
    with quarantine(tmp_path) as aside:
        aside.add([ROW, BadRow(5, "", "expected 2 cells", (*cells, "more"))])
        aside.keep()
    assert left(tmp_path) == ["u.csv"]
    assert read(aside) == [
        [*HEADER, "Commentaire", "star"],
        ["3", "star", ROW.reason, "=1", "9"],
        ["5", "", "expected 2 cells", *cells, "more"],
    ]


def test_the_file_is_its_owners_alone(tmp_path):
    with quarantine(tmp_path) as aside:
        aside.add([ROW])
        aside.keep()
    assert aside.path.stat().st_mode & 0o777 == 0o600


def test_our_columns_are_not_doubled_where_they_came_back(tmp_path):
    with quarantine(tmp_path, (*HEADER, "Commentaire", "star")) as aside:
        aside.add([BadRow(2, "star", "still", ("3", "star", "before", "=1", "9"))])
        aside.keep()
    assert read(aside) == [[*HEADER, "Commentaire", "star"], ["2", "star", "still", "=1", "9"]]


def test_the_summary_counts_all_by_column_and_shows_the_first(tmp_path):
    with quarantine(tmp_path) as aside:
        aside.add([ROW] * 30 + [BadRow(40, "", "expected 2 cells", ())])
        found = aside.summary()
    assert found["by_column"] == {"star": 30, "row": 1}
    assert (found["rows_quarantined"], len(found["first"])) == (31, FIRST)
    assert found["first"][0] == {"line": 3, "column": "star", "reason": ROW.reason}


def test_the_cells_that_get_a_prefix_on_their_way_out_are_known(tmp_path):
    with quarantine(tmp_path, ("Commentaire", "=star")) as aside:
        aside.add([ROW, BadRow(4, "star", "x", ("'=2", "'bien'"))])
        aside.keep()
    assert prefixed_cells(aside.path) == {"'=1", "''=2", "'=star"}

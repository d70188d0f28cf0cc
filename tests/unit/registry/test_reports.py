import pytest

from satispy.core.errors import ArtifactDamaged, NotFound
from satispy.registry.reports import read_report, read_reports, write_report


def report(run, accuracy=0.9, family="gbc"):
    return {
        "run": f"{run}-{family}",
        "family": family,
        "date_heure": "2026-11-21 08:00:00",
        "dag_run": "manual",
        "rows": 10,
        "dataset_version": 1,
        "accuracy": accuracy,
        "f1_0": 0.8,
        "f1_1": 0.9,
        "slices": {"star": []},
    }


@pytest.mark.parametrize(
    "run", ["20260102-gbc", "../20260101-gbc", "..", "", "20260101-gbc.json", "a/b", "a\0b-gbc"]
)
def test_a_report_that_is_not_there_is_not_found_and_no_path_leads_out(tmp_path, run):
    write_report(tmp_path, report("20260101"))
    (tmp_path / "reports").mkdir()
    with pytest.raises(NotFound, match="no report of a run"):
        read_report(tmp_path / "reports", run)


@pytest.mark.parametrize("content", ["{", "[]", "{}"])
def test_a_damaged_report_is_left_out_of_the_list_and_said(tmp_path, caplog, content):
    write_report(tmp_path, report("20260101"))
    (tmp_path / "20260102-gbc.json").write_text(content)
    assert [one["run"] for one in read_reports(tmp_path)] == ["20260101-gbc"]
    assert "20260102-gbc.json" in caplog.text
    with pytest.raises(ArtifactDamaged, match=r"20260102-gbc\.json"):
        read_report(tmp_path, "20260102-gbc")


def test_a_report_is_written_once(tmp_path):
    path = write_report(tmp_path, report("20260101", 0.5))
    before = path.read_bytes()
    write_report(tmp_path, report("20260101", 0.6))
    assert path.read_bytes() == before


def test_a_damaged_report_is_written_anew_and_read_anew(tmp_path, caplog):
    path = write_report(tmp_path, report("20260101", 0.5))
    assert read_reports(tmp_path)[0]["accuracy"] == 0.5
    path.write_text("{")
    write_report(tmp_path, report("20260101", 0.6))
    assert read_reports(tmp_path)[0]["accuracy"] == 0.6
    assert "written anew" in caplog.text


def test_the_list_holds_single_values_and_a_report_everything(tmp_path):
    """A year of runs with all their slices would fill the memory of the API."""
    write_report(tmp_path, report("20260101"))
    assert "slices" not in read_reports(tmp_path)[0]
    assert read_report(tmp_path, "20260101-gbc") == report("20260101")


def test_the_csv_of_a_family_holds_all_its_reports_oldest_first(tmp_path):
    for run in ("20260102", "20260101"):
        write_report(tmp_path, report(run))
    write_report(tmp_path, report("20260103", family="svm"))
    lines = (tmp_path / "reporting_GBC.csv").read_text().splitlines()
    assert lines[0].startswith("Date-Heure,f1_0,f1_1,accuracy,")
    assert [line.split(",")[6] for line in lines[1:]] == ["20260101-gbc", "20260102-gbc"]

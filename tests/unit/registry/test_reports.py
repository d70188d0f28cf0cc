from satispy.registry.reports import read_reports, write_report


def report(run, accuracy=0.9):
    return {
        "run": f"{run}-gbc",
        "family": "gbc",
        "date_heure": "2026-11-21 08:00:00",
        "dag_run": "manual",
        "rows": 10,
        "dataset_version": 1,
        "accuracy": accuracy,
        "f1_0": 0.8,
        "f1_1": 0.9,
    }


def test_a_damaged_report_is_left_out_and_said_in_the_log(tmp_path, caplog):
    write_report(tmp_path, report("20260101"))
    (tmp_path / "20260102-gbc.json").write_text("{")
    assert [one["run"] for one in read_reports(tmp_path)] == ["20260101-gbc"]
    assert "20260102-gbc.json" in caplog.text


def test_a_report_that_is_written_anew_is_read_anew(tmp_path):
    write_report(tmp_path, report("20260101", 0.5))
    assert read_reports(tmp_path)[0]["accuracy"] == 0.5
    write_report(tmp_path, report("20260101", 0.6))
    assert read_reports(tmp_path)[0]["accuracy"] == 0.6


def test_the_csv_of_a_family_holds_all_its_reports_oldest_first(tmp_path):
    for run in ("20260102", "20260101"):
        write_report(tmp_path, report(run))
    lines = (tmp_path / "reporting_GBC.csv").read_text().splitlines()
    assert lines[0].startswith("Date-Heure,f1_0,f1_1,accuracy,")
    assert [line.split(",")[6] for line in lines[1:]] == ["20260101-gbc", "20260102-gbc"]

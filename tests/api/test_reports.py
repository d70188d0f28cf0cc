import pytest

from satispy.core.files import read_json, write_json
from satispy.core.settings import load_settings
from satispy.models.catalog import family_names


def test_without_credentials_no_report_is_given(served):
    served.auth = None
    assert served.get("/reports/20260101T000000.000000Z-gbc").status_code == 401


@pytest.mark.parametrize("run", ["20260101T000000.000000Z-gbc", "..%2Fsatispy", "reporting_GBC"])
def test_a_report_that_is_not_there_is_not_found(served, run):
    answer = served.get(f"/reports/{run}")
    assert answer.status_code == 404


def test_how_sure_each_score_is_stands_beside_it(served):
    items = served.get("/reports").json()["items"]
    assert sorted(item["family"] for item in items) == family_names()
    for item in items:
        for name in ("accuracy", "f1_0", "f1_1", "macro_f1"):
            assert item[f"{name}_low"] <= item[name] <= item[f"{name}_high"]
        assert 0 < item["exam_texts"] <= item["exam_rows"]


def test_the_whole_report_of_a_run_is_given(served):
    item = served.get("/reports").json()["items"][0]
    report = served.get(f"/reports/{item['run']}").json()
    assert {name: report[name] for name in item} == item
    assert report["schema_version"] == 2
    assert report["yardsticks"]["source_rule"]["difference"]["accuracy"]["low"] is not None
    assert report["slices"]["star"][0]["name"] == "1"
    assert report["details"]["confusion"]
    assert report["fairness"]["source"]["largest"]


def test_a_report_of_an_earlier_version_is_shown_without_intervals(served):
    run = "20200101T000000.000000Z-gbc"
    former = {
        **{"run": run, "family": "gbc", "dag_run": "x", "date_heure": "2020-01-01 00:00:00"},
        **{"trained_at": "2020-01-01T00:00:00.000000Z", "rows": 10, "dataset_version": 1},
        **{"accuracy": 0.8, "f1_0": 0.7, "f1_1": 0.9, "train_seconds": 1.0},
    }
    write_json(load_settings().paths.reports / f"{run}.json", former)
    oldest = served.get("/reports").json()["items"][0]
    assert (oldest["run"], oldest["accuracy"], oldest["accuracy_low"]) == (run, 0.8, None)
    report = served.get(f"/reports/{run}").json()
    assert (report["schema_version"], report["slices"]) == (1, None)


def test_a_report_that_cannot_be_read_is_damage(served):
    run = served.get("/reports").json()["items"][0]["run"]
    (load_settings().paths.reports / f"{run}.json").write_text("{")
    answer = served.get(f"/reports/{run}")
    assert (answer.status_code, answer.json()["code"]) == (503, "artifact-damaged")


def test_all_scores_of_every_run_are_told_on_request_alone(served):
    assert served.get("/reports").json()["items"][0]["further"] is None
    item = served.get("/reports", params={"further": True}).json()["items"][0]
    details = served.get(f"/reports/{item['run']}").json()["details"]
    for name in ("precision_0", "recall_0", "precision_1", "recall_1", "roc_auc", "log_loss"):
        assert item["further"][name] == details[name]
        assert item["further"][f"{name}_low"] <= details[name] <= item["further"][f"{name}_high"]
    assert "calibration_error" in item["further"]
    assert "n" not in item["further"]


def test_a_report_of_an_earlier_version_has_no_further_scores(served):
    run = served.get("/reports").json()["items"][0]["run"]
    path = load_settings().paths.reports / f"{run}.json"
    report = read_json(path)
    write_json(path, {name: report[name] for name in report if name != "details"})
    (found,) = [
        item
        for item in served.get("/reports", params={"further": True}).json()["items"]
        if item["run"] == run
    ]
    assert found["further"] == {}


def test_a_damaged_report_is_named_and_the_others_are_given(served):
    before = served.get("/reports").json()
    run = before["items"][0]["run"]
    assert before["unreadable"] == []
    (load_settings().paths.reports / f"{run}.json").write_text("{")
    after = served.get("/reports").json()
    assert after["unreadable"] == [run]
    assert after["items"] == before["items"][1:]

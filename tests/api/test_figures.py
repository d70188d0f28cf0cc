"""What this installation measures of itself, beside what the benchmarks found."""

import json
import shutil

import pytest
from fastapi.testclient import TestClient

from reviews_api.app import create_app
from satispy.core.settings import load_settings
from satispy.models.catalog import family_names
from satispy.workflows.opening import open_home


@pytest.fixture
def trained(trained_home, own_settings, user):
    shutil.copytree(trained_home, own_settings)
    settings = load_settings()
    with open_home(settings) as home:
        home.users.add(*user, "viewer")
    with TestClient(create_app(settings)) as client:
        client.auth = user
        yield client


def test_before_the_first_upload_nothing_is_invented(api, user):
    now = api.get("/figures", auth=user).json()["now"]
    assert [now[name] for name in ("rows", "dataset_version", "uploads", "runs")] == [0, 0, 0, 0]
    assert [now[name] for name in ("trainings", "answers", "lengths")] == [[], [], []]


def test_the_present_is_measured(trained):
    now = trained.get("/figures").json()["now"]
    assert now["rows"] > 0
    assert (now["dataset_version"], now["uploads"]) == (1, 1)
    assert now["runs"] == len(family_names())
    assert now["api_mib"] > 20
    assert now["home_mb"] > 0.1
    assert {"satispy", "python", "onnxruntime"} <= now["versions"].keys()
    assert [one["family"] for one in now["trainings"]] == family_names()
    assert all(one["seconds"] > 0 for one in now["trainings"])


def test_what_the_models_cannot_do_is_asked_of_those_that_serve(trained):
    now = trained.get("/figures").json()["now"]
    asked = {one["kind"] for one in now["answers"] if not one["held"]}
    assert {"negation", "irony", "short", "other languages"} <= asked
    judged = {one["kind"]: one["asked"] for one in now["answers"] if one["held"]}
    assert judged["negation"] == 10
    serving = set(trained.get("/status").json()["serving"].items())
    assert {(one["family"], one["run"]) for one in now["answers"]} == serving
    assert {one["words"] for one in now["lengths"]} >= {"4 to 10"}


def test_asking_for_figures_leaves_no_prediction_behind(trained):
    def counted():
        lines = trained.get("/metrics").text.splitlines()
        return [line for line in lines if line.startswith("satispy_predictions_total{")]

    before = counted()  # of other tests in this process
    trained.get("/figures")
    assert counted() == before


def test_runs_whose_reports_are_gone_are_told_without_them(trained):
    for path in load_settings().paths.reports.glob("*.json"):
        path.unlink()
    now = trained.get("/figures").json()["now"]
    assert now["lengths"] == now["trainings"] == []
    assert now["answers"]


def test_the_figures_of_the_benchmarks_come_from_the_file_that_is_set(open_api, monkeypatch, user):
    monkeypatch.setenv("SATISPY_FIGURES", "/nowhere/figures.json")
    assert open_api().get("/figures", auth=user).json()["recorded"] is None


def test_a_file_that_is_none_of_ours_is_said_to_be_damaged(open_api, monkeypatch, tmp_path, user):
    path = tmp_path / "figures.json"
    path.write_text(json.dumps({"schema_version": 7}))
    monkeypatch.setenv("SATISPY_FIGURES", str(path))
    answer = open_api().get("/figures", auth=user)
    assert (answer.status_code, answer.json()["code"]) == (503, "artifact-damaged")

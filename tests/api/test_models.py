"""Who serves, who decided it, and how to change it, over HTTP."""

import shutil
import threading

import pytest

from satispy.core.settings import load_settings
from satispy.registry.serving import ServingPointers
from satispy.workflows import tracking
from several_runs import HELD, OLD, copy_run, damage, serving_run


@pytest.fixture
def home(sqlite_home, trained_home):
    for name in ("clean_model", "clean_data/reports"):
        shutil.copytree(trained_home / name, sqlite_home / name, dirs_exist_ok=True)
    return sqlite_home


@pytest.fixture
def served(api, admin):
    api.auth = admin
    return api


@pytest.fixture
def settings(home):
    return load_settings()


def promote(served, run, **body):
    return served.post(f"/models/{run}/promote", json=body)


def answering(served):
    answer = served.post("/predict", json={"texts": ["bien"], "families": ["svm"]})
    return answer.json()["results"][0]["predictions"]["svm"]["model_version"]


def test_only_an_admin_changes_what_serves(served, settings, user):
    copy_run(settings, OLD)
    served.auth = user
    assert promote(served, OLD).status_code == 403
    assert served.post("/families/svm/rollback", json={}).status_code == 403
    assert served.get("/models").status_code == 200
    assert served.get("/promotions").status_code == 200


def test_a_promotion_answers_from_the_next_request_on_and_a_rollback_takes_it_back(
    served, settings
):
    first = serving_run(settings)
    copy_run(settings, OLD)
    answer = promote(served, OLD, comment="try it").json()
    assert answer["changed"] is True
    assert {answer["decision"][name] for name in ("by", "comment", "run")} == {
        *("admin", "try it", OLD)
    }
    assert answering(served) == OLD
    back = served.post("/families/svm/rollback", json={"comment": "worse"}).json()["decision"]
    assert (back["event"], back["run"], back["previous"]) == ("rolled-back", first, OLD)
    assert answering(served) == first


def test_the_gate_is_overridden_with_a_comment_alone(served, settings):
    copy_run(settings, HELD, blessed=False, reason="f1_0 is low")
    refused = promote(served, HELD)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-input")
    assert "f1_0 is low" in refused.json()["detail"]
    assert promote(served, HELD, comment="we know").json()["decision"]["overrides"] is True


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/models/nope/promote", 404, "not-found"),
        ("/models/..%2Fruns/promote", 404, "not-found"),
        ("/families/nope/rollback", 404, "not-found"),
        ("/families/svm/rollback", 404, "not-found"),
    ],
)
def test_what_is_not_there_is_refused(served, path, status, code):
    answer = served.post(path, json={})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_unknown_wishes_are_refused(served, settings):
    copy_run(settings, OLD)
    assert promote(served, OLD, champoin=True).status_code == 422
    assert promote(served, OLD, comment="a" * 2001).status_code == 422


def test_a_promotion_of_what_serves_changes_nothing(served, settings):
    answer = promote(served, serving_run(settings)).json()
    assert answer == {"changed": False, "decision": None}


def test_the_champion_is_named_can_be_asked_for_and_can_be_chosen(served, settings):
    before = served.get("/models").json()["champion"]
    asked = served.post("/predict", json={"texts": ["bien"], "families": ["champion"]}).json()
    assert list(asked["results"][0]["predictions"]) == [before] == [asked["champion"]]
    other = next(family for family in ("svm", "gbc") if family != before)
    promote(served, serving_run(settings, other), champion=True, comment="we like it")
    assert served.get("/models").json()["champion"] == other
    assert served.get("/status").json()["champion"] == other


def test_without_a_champion_asking_for_it_says_so(served, settings):
    (settings.paths.serving / "champion.json").unlink()
    history = settings.paths.serving / "history.jsonl"
    lines = [line for line in history.read_bytes().splitlines(keepends=True)]
    history.write_bytes(b"".join(line for line in lines if b'"event": "champion"' not in line))
    answer = served.post("/predict", json={"texts": ["bien"], "families": ["champion"]})
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert served.post("/predict", json={"texts": ["bien"]}).json().get("champion") is None


def test_a_run_shows_the_checks_of_the_gate_and_the_decisions_about_it(served, settings):
    run = serving_run(settings)
    found = served.get(f"/models/{run}").json()
    assert found["run"]["state"] == "serving"
    assert found["gate"]["blessed"] is True
    assert {check["name"] for check in found["gate"]["checks"]} >= {"calibration", "floor of f1_0"}
    assert found["decisions"][0]["event"] == "promoted"
    assert served.get("/models/nope").status_code == 404


def test_the_history_comes_in_pages_newest_first(served, settings):
    whole = served.get("/promotions").json()
    assert whole["total"] == len(whole["items"]) >= 3
    numbers = [one["number"] for one in whole["items"]]
    assert numbers == sorted(numbers, reverse=True)
    page = served.get("/promotions", params={"offset": 1, "limit": 1}).json()
    assert page["items"] == whole["items"][1:2]


def test_a_pointer_to_a_damaged_run_leaves_the_last_good_one_serving_and_raises_an_alert(
    served, settings
):
    assert answering(served) == (first := serving_run(settings))
    copy_run(settings, OLD)
    damage(settings, OLD)
    pointers = ServingPointers(settings.paths.serving)
    pointers.promote("svm", OLD, served.app.state.home.clock(), by="anne")
    assert answering(served) == first
    (alert,) = served.get("/models").json()["alerts"]
    assert (alert["family"], alert["run"], alert["answers"]) == ("svm", OLD, first)
    assert "model.onnx" in alert["detail"]
    assert served.get("/status").json()["alerts"] == 1


def test_a_new_process_finds_the_last_good_one_in_the_history(open_api, settings, admin):
    first = serving_run(settings)
    copy_run(settings, OLD)
    damage(settings, OLD)
    with_alert = open_api()
    with_alert.auth = admin
    pointers = ServingPointers(settings.paths.serving)
    pointers.promote("svm", OLD, with_alert.app.state.home.clock(), by="anne")
    assert answering(with_alert) == first
    assert with_alert.get("/models").json()["alerts"][0]["answers"] == first
    shutil.rmtree(settings.paths.runs / OLD)
    again = open_api()
    again.auth = admin
    assert answering(again) == first


def test_a_pointer_that_is_no_pointer_is_mended_from_the_history(open_api, settings, admin):
    pointer = settings.paths.serving / "svm.json"
    first = serving_run(settings)
    pointer.write_text("{}")
    api = open_api()
    api.auth = admin
    assert answering(api) == first
    assert api.get("/models").json()["alerts"] == []


def test_mlflow_follows_a_decision_in_the_background_and_delays_no_answer(
    open_api, settings, admin, monkeypatch
):
    told, answered = threading.Semaphore(0), threading.Event()

    def slow(_settings):
        assert answered.wait(30)
        told.release()

    monkeypatch.setenv("SATISPY_MLFLOW_URI", "http://127.0.0.1:1")
    monkeypatch.setattr(tracking, "follow", slow)
    copy_run(settings, OLD)
    api = open_api()
    api.auth = admin
    assert promote(api, OLD).json()["changed"] is True
    assert api.post("/families/svm/rollback", json={}).json()["changed"] is True
    answered.set()
    assert told.acquire(timeout=30)
    assert told.acquire(timeout=30)

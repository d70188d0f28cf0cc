"""Retraining over HTTP; Airflow is a real server that plays it."""

import threading
from functools import partial

import pytest

from fake_airflow import PASSWORD, fake_airflow
from listeners import never_answering
from satispy.core.settings import load_settings
from satispy.stack.ports import free_port
from satispy.workflows.dag_runs import Retrainings


@pytest.fixture
def airflow(home, monkeypatch):
    with fake_airflow() as server:
        monkeypatch.setenv("SATISPY_AIRFLOW_URL", server.url)
        folder = load_settings().paths.secrets
        folder.mkdir(parents=True, exist_ok=True)
        load_settings().paths.airflow_password.write_text(PASSWORD)
        yield server


def refused(answer):
    return answer.status_code, answer.json()["code"]


def test_only_an_admin_starts_a_retraining_and_everybody_may_follow_it(airflow, api, admin, user):
    assert refused(api.post("/retrain", json={}, auth=user)) == (403, "forbidden")
    started = api.post("/retrain", json={"ask_for_approval": True}, auth=admin)
    assert started.status_code == 202
    run = started.json()
    assert (run["state"], run["by"], run["tasks"], run["runs"]) == ("queued", "admin", [], [])
    assert airflow.runs[run["id"]]["conf"]["ask_for_approval"] is True
    airflow.runs[run["id"]] |= {"state": "running", "start_date": "2026-11-21T08:00:00Z"}
    airflow.add_task(run["id"], "snapshot", "success")
    (listed,) = api.get("/retrain", auth=user).json()["items"]
    assert listed["tasks"][0] == {
        "task": "snapshot",
        "state": "success",
        "started_at": "2026-11-21T08:00:00.500000Z",
        "ended_at": "2026-11-21T08:00:01Z",
        "tries": 1,
    }


def test_a_retraining_stands_in_the_audit_trail(airflow, api, admin):
    api.post("/retrain", json={}, auth=admin)
    acts = api.get("/audit", auth=admin).json()["items"]
    assert {("POST /retrain", "202"), ("POST /retrain", "begun")} <= {
        (one["act"], one["outcome"]) for one in acts
    }


def test_a_wish_that_nobody_knows_is_refused(airflow, api, admin):
    answer = api.post("/retrain", json={"renew_models": True}, auth=admin)
    assert refused(answer) == (422, "invalid-input")
    assert airflow.runs == {}


def test_one_that_waits_is_enough(airflow, api, admin):
    airflow.add_run("waits", "queued")
    answer = api.post("/retrain", json={}, auth=admin)
    assert refused(answer) == (409, "already-queued")
    assert "'waits'" in answer.json()["detail"]


def test_a_paused_dag_is_a_refusal_that_says_where_to_unpause_it(airflow, api, admin):
    airflow.dag["is_paused"] = True
    answer = api.post("/retrain", json={}, auth=admin)
    assert refused(answer) == (502, "airflow-refused")
    assert f"{airflow.url}/dags/retrain_reviews" in answer.json()["detail"]


def test_an_unknown_retraining_is_not_found(airflow, api, user):
    assert refused(api.get("/retrain/none%2Fsuch", auth=user)) == (404, "not-found")


@pytest.mark.parametrize("path", ["/retrain", "/retrain/x"])
def test_airflow_away_is_said_and_the_rest_goes_on(home, open_api, monkeypatch, user, path):
    monkeypatch.setenv("SATISPY_AIRFLOW_URL", f"http://satispy-api:hush@127.0.0.1:{free_port()}")
    api = open_api()
    answer = api.get(path, auth=user)
    assert refused(answer) == (503, "airflow-away")
    assert answer.headers["retry-after"] == "5"
    assert "hush" not in answer.text
    assert api.get("/status", auth=user).status_code == 200


def test_an_airflow_that_hangs_holds_up_nobody_who_asks_something_else(
    home, open_api, monkeypatch, user
):
    with never_answering() as url:
        monkeypatch.setenv("SATISPY_AIRFLOW_URL", url.replace("//", "//satispy-api:x@"))
        monkeypatch.setattr("reviews_api.app.Retrainings", partial(Retrainings, seconds=2.0))
        api = open_api()
        api.get("/status", auth=user)  # the password is known from here on
        states = []

        def ask():
            states.append(api.get("/retrain", auth=user).status_code)

        waiting = [threading.Thread(target=ask) for _ in range(45)]
        for thread in waiting:
            thread.start()
        assert api.get("/status", auth=user).status_code == 200
        assert len(states) < 45  # so it did not wait for them
        for thread in waiting:
            thread.join()
    assert set(states) == {503}

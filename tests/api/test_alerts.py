"""What is red, over HTTP, and the webhook."""

import shutil

import pytest

from listeners import collecting
from satispy.core.settings import load_settings
from satispy.registry.serving import ServingPointers
from satispy.workflows.alerts import settle_retraining
from several_runs import OLD, copy_run, damage, serving_run


@pytest.fixture
def failed(api, clock):
    """An open alert."""
    home = api.app.state.home
    settle_retraining(home.settings, home.database, clock, "r", "the retraining r failed")


def test_nothing_is_red_in_an_empty_home(api, user):
    assert api.get("/alerts", auth=user).json() == {"items": [], "open": 0}


def test_an_alert_is_shown_with_all_its_fields(api, user, failed):
    answer = api.get("/alerts", auth=user).json()
    assert answer == {
        "items": [
            {
                "id": 1,
                "kind": "retraining-failed",
                "family": None,
                "metric": None,
                "slice": None,
                "run": "r",
                "value": None,
                "threshold": None,
                "detail": "the retraining r failed",
                "since": "2026-11-21T08:00:01Z",
                "ended_at": None,
            }
        ],
        "open": 1,
    }


def test_prometheus_is_told_how_many_are_open(api, user, failed, clock):
    def retrainings_failed():
        lines = api.get("/metrics", auth=user).text.splitlines()
        [line] = [one for one in lines if one.startswith('satispy_alerts_open{kind="retraining')]
        return float(line.split()[1])

    assert retrainings_failed() == 1
    home = api.app.state.home
    settle_retraining(home.settings, home.database, clock, "r", None)
    assert retrainings_failed() == 0


def test_a_test_without_a_webhook_is_refused(api, admin, user):
    assert api.post("/alerts/test", auth=user).status_code == 403
    answer = api.post("/alerts/test", auth=admin)
    assert (answer.status_code, answer.json()["code"]) == (409, "no-webhook")


def test_a_test_says_how_it_fared_and_shows_no_address(open_api, monkeypatch, admin):
    with collecting(404) as server:
        monkeypatch.setenv("SATISPY_WEBHOOK_URL", f"{server.url}/very-secret")
        api = open_api()
        answer = api.post("/alerts/test", auth=admin)
        assert answer.json() == {"delivered": False, "status": 404, "detail": "it answers 404"}
        server.status = 200
        assert api.post("/alerts/test", auth=admin).json()["delivered"] is True
    assert [path for path, _, _ in server.requests] == ["/very-secret"] * 2
    acts = api.get("/audit", auth=admin).text
    assert "POST /alerts/test" in acts
    assert "very-secret" not in answer.text + acts


def test_a_running_api_tells_the_webhook(open_api, monkeypatch, clock):
    with collecting() as server:
        monkeypatch.setenv("SATISPY_WEBHOOK_URL", server.url)
        home = open_api().app.state.home
        settle_retraining(home.settings, home.database, clock, "r", "the retraining r failed")
        server.wait_for(1)
    assert [body["event"] for body in server.told] == ["opened"]


@pytest.fixture
def trained(home, trained_home):
    for name in ("clean_model", "clean_data/reports"):
        shutil.copytree(trained_home / name, home / name, dirs_exist_ok=True)
    return load_settings()


@pytest.fixture
def open_kinds(user, wait_for_errands):
    """Look at the models, wait until what was found is written, then ask."""

    def ask(api):
        api.get("/models", auth=user)
        wait_for_errands(api)
        answer = api.get("/alerts", auth=user).json()
        return [(one["kind"], one["run"]) for one in answer["items"] if one["ended_at"] is None]

    return ask


def test_a_model_that_cannot_be_read_is_an_alert_until_another_answers(
    trained, open_api, open_kinds, user
):
    api = open_api()
    assert open_kinds(api) == []
    first = serving_run(trained)
    copy_run(trained, OLD)
    damage(trained, OLD)
    pointers = ServingPointers(trained.paths.serving)
    pointers.promote("svm", OLD, api.app.state.home.clock(), by="anne")
    assert open_kinds(api) == [("model-damaged", OLD)]
    again = open_api()  # another worker sees the same, and opens no second one
    assert open_kinds(again) == [("model-damaged", OLD)]
    pointers.roll_back("svm", first, api.app.state.home.clock(), by="anne")
    assert open_kinds(api) == []
    (ended,) = api.get("/alerts", auth=user).json()["items"]
    assert str(trained.paths.home) not in ended["detail"]
    assert f"meanwhile {first} answers" in ended["detail"]

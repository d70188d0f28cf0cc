"""Retrainings through Airflow's REST interface, against a real HTTP server that plays Airflow."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime

import pytest
from filelock import FileLock

from fake_airflow import DAG, PASSWORD, fake_airflow
from listeners import never_answering
from satispy.core.errors import (
    AirflowAway,
    AirflowRefused,
    AlreadyQueued,
    Busy,
    ConfigurationError,
    NotFound,
)
from satispy.core.settings import Settings
from satispy.orchestration import airflow_api
from satispy.stack.ports import free_port
from satispy.workflows import dag_runs
from satispy.workflows.dag_runs import Retrainings

START = f"POST {DAG}/dagRuns"


@pytest.fixture
def airflow():
    with fake_airflow() as server:
        yield server


class Ticking:
    """Seconds that pass when told so."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def ticking():
    return Ticking()


def settings_for(url, **more):
    settings = Settings(airflow_url=url, **more)
    settings.paths.secrets.mkdir(parents=True, exist_ok=True)
    settings.paths.airflow_password.write_text(f"{PASSWORD}\n")
    return settings


@pytest.fixture
def asked(airflow, clock, ticking):
    with closing(Retrainings(settings_for(airflow.url), clock, ticking)) as retrainings:
        yield retrainings


def published(settings, name, dag_run):
    folder = settings.paths.runs / name
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"files": {}, "dag_run": dag_run}))


@pytest.mark.parametrize(
    ("dag", "message"),
    [
        (None, "does not know the DAG"),
        ({"is_paused": True}, "is paused in Airflow.*unpause it there: http"),
        ({"has_import_errors": True}, "cannot read the DAG"),
    ],
)
def test_nothing_is_started_where_it_would_never_run(airflow, asked, dag, message):
    airflow.dag = dag
    with pytest.raises(AirflowRefused, match=message):
        asked.start("alice")
    assert airflow.runs == {}


def test_a_third_retraining_is_refused_while_one_waits_behind_another(airflow, asked):
    airflow.add_run("under way", "running")
    second = asked.start("alice")
    assert second.state == "queued"
    with pytest.raises(AlreadyQueued, match=second.id):
        asked.start("bob")
    assert len(airflow.runs) == 2


def test_a_retraining_is_asked_for_with_its_wishes_and_in_whose_name(airflow, asked):
    started = asked.start("alice", renew_vectors=True, ask_for_approval=True)
    assert airflow.runs[started.id]["conf"] == {
        "renew_vectors": True,
        "ask_for_approval": True,
        "asked_by": "alice",
    }
    assert (started.by, started.state, started.started_at) == ("alice", "queued", None)
    assert started.airflow_url == f"{airflow.url}/dags/retrain_reviews/runs/{started.id}"


def test_an_answer_that_was_lost_starts_nothing_twice(airflow, asked):
    airflow.lost = {START}
    started = asked.start("alice")
    assert list(airflow.runs) == [started.id]


@pytest.mark.parametrize("question", [f"GET {DAG}/dagRuns", "POST /auth/token"])
def test_a_connection_that_closes_under_a_question_is_no_failure(airflow, asked, question):
    airflow.lost = {question}
    assert asked.newest() == []
    assert airflow.count(question) == 2


def test_a_start_that_did_not_arrive_is_no_retraining(airflow, asked, monkeypatch):
    monkeypatch.setattr(
        airflow_api.AirflowApi, "start", lambda *_: (_ for _ in ()).throw(AirflowAway("gone"))
    )
    with pytest.raises(AirflowAway, match="look at GET /retrain"):
        asked.start("alice")


def test_only_what_our_account_started_is_in_the_name_that_it_carries(airflow, asked):
    """Whoever starts a run in Airflow may write anything into it."""
    airflow.add_run("forged", "running", conf={"asked_by": "admin"}, triggering_user_name="mallory")
    airflow.add_run("scheduled", "running", triggering_user_name=None)
    assert asked.one("forged").by == "mallory"
    assert asked.one("scheduled").by == "airflow"


def test_tasks_come_in_the_order_of_the_work_with_their_tries(airflow, asked):
    airflow.add_run("r", "running")
    for task, state in [
        ("report", None),
        ("train_svm", "running"),
        ("snapshot", "success"),
        ("evaluate", None),
        ("train_ann", "failed"),
        ("preprocess", "success"),
    ]:
        airflow.add_task("r", task, state, tries=2 if task == "train_ann" else 1)
    tasks = asked.one("r").tasks
    assert [(one.task, one.state) for one in tasks] == [
        ("snapshot", "success"),
        ("preprocess", "success"),
        ("train_ann", "failed"),
        ("train_svm", "running"),
        ("evaluate", "waiting"),
        ("report", "waiting"),
    ]
    assert tasks[2].tries == 2
    assert tasks[0].ended_at == datetime(2026, 11, 21, 8, 0, 1, tzinfo=UTC)
    assert tasks[-1].started_at is None


@pytest.mark.parametrize("asking", ["awaiting_input", "deferred"])
def test_a_run_that_asks_a_person_says_so(airflow, asked, asking):
    airflow.add_run("r", "running")
    airflow.add_task("r", "approve", asking)
    assert asked.one("r").state == "waiting-for-approval"


def test_a_state_that_nobody_has_heard_of_is_no_end(airflow, asked):
    airflow.add_run("r", "hovering")
    assert asked.one("r").state == "running"


def test_the_newest_come_first_each_with_its_own_tasks(airflow, asked):
    for number in range(25):
        airflow.add_run(f"r{number}", "success")
        for task in range(9):
            airflow.add_task(f"r{number}", f"train_{task}", "success")
    newest = asked.newest()
    assert [one.id for one in newest] == [f"r{number}" for number in range(24, 4, -1)]
    assert {len(one.tasks) for one in newest} == {9}  # 180 of them: more than Airflow's page


def test_a_retraining_names_the_models_that_it_published(airflow, asked):
    settings = Settings()
    airflow.add_run("r+1:2", "success")
    published(settings, "20261121T080300.000000Z-svm", "r+1:2")
    published(settings, "20261121T080301.000000Z-svm", "another")
    published(settings, "20261120T080000.000000Z-svm", "r+1:2")  # older than the question for it
    (settings.paths.runs / "20261121T080400.000000Z-gbc").mkdir()
    (settings.paths.runs / "20261121T080400.000000Z-gbc" / "manifest.json").write_text("{")
    assert asked.one("r+1:2").runs == ["20261121T080300.000000Z-svm"]


@pytest.mark.parametrize(
    "name", ["no such", "..", ".", "../../../auth/token", "a/b", "é\n", "?x=1"]
)
def test_a_retraining_that_airflow_does_not_know_is_not_found(asked, name):
    with pytest.raises(NotFound, match="knows no retraining"):
        asked.one(name)


def test_a_token_is_renewed_when_airflow_takes_it_no_more(airflow, asked, ticking):
    airflow.add_run("r", "running")
    asked.one("r")
    airflow.expire_tokens()
    ticking.now += 10
    assert asked.one("r").id == "r"
    assert airflow.tokens == 2


def test_a_password_that_was_changed_meanwhile_is_read_anew(airflow, asked, ticking):
    airflow.add_run("r", "running")
    asked.one("r")
    airflow.expire_tokens()
    airflow.password = "another"
    Settings().paths.airflow_password.write_text("another\n")
    ticking.now += 10
    assert asked.one("r").id == "r"


def test_a_wrong_password_is_a_refusal_that_says_what_to_do_and_not_the_password(airflow, asked):
    airflow.password = "another"
    with pytest.raises(AirflowRefused, match=r"'satispy-api'.*make down, make up") as refused:
        asked.newest()
    assert PASSWORD not in str(refused.value)


def test_without_a_password_file_nobody_is_asked_with_a_default(airflow, asked):
    Settings().paths.airflow_password.unlink()
    with pytest.raises(AirflowAway, match=r"airflow_api_password.*make up"):
        asked.newest()
    assert airflow.asked == []


def test_an_account_that_may_not_is_told_so(airflow, asked):
    airflow.forbidden = True
    with pytest.raises(AirflowRefused, match="does not let our account"):
        asked.newest()


def test_nobody_there_is_away(clock):
    settings = settings_for(f"http://127.0.0.1:{free_port()}")
    with (
        closing(Retrainings(settings, clock)) as asked,
        pytest.raises(AirflowAway, match="does not answer"),
    ):
        asked.newest()


def test_a_server_that_hangs_is_not_waited_for(clock):
    with (
        never_answering() as url,
        closing(Retrainings(settings_for(url), clock, seconds=0.2)) as asked,
        pytest.raises(AirflowAway, match="in time"),
    ):
        asked.newest()


def test_a_server_that_drips_is_not_waited_for(airflow, clock):
    airflow.drips = True
    with (
        closing(Retrainings(settings_for(airflow.url), clock, seconds=0.2)) as asked,
        pytest.raises(AirflowAway, match="too slowly"),
    ):
        asked.newest()


@pytest.mark.parametrize(
    ("broken", "kind", "message"),
    [
        ((503, {"detail": "starting"}), AirflowAway, "cannot answer now: 503: starting"),
        ((500, b"<html>oh"), AirflowAway, "500: <html>oh"),
        (b"<html>a page</html>", AirflowRefused, "is SATISPY_AIRFLOW_URL right"),
        (b"[1]", AirflowRefused, "expected JSON of Airflow"),
        (b"{}", AirflowRefused, "expected a list 'dag_runs'"),
        ((302, b""), AirflowRefused, "302"),
        ((400, {"detail": "x" * 9000}), AirflowRefused, "400: x+$"),
    ],
    ids=["away", "defect", "another page", "a list", "an empty object", "redirect", "long"],
)
def test_an_answer_that_is_no_help_is_told_in_few_words(airflow, asked, broken, kind, message):
    airflow.broken = broken
    with pytest.raises(kind, match=message) as found:
        asked.newest()
    assert len(str(found.value)) < 500


def test_a_time_that_is_none_is_a_refusal_and_no_defect(airflow, asked):
    airflow.add_run("r", "running", start_date="yesterday")
    with pytest.raises(AirflowRefused, match="expected a time of Airflow, but it said 'yesterday'"):
        asked.one("r")


def test_many_who_watch_cost_airflow_no_more_than_one_and_a_second_later_they_see_more(
    airflow, asked, ticking
):
    airflow.add_run("r", "running")
    with ThreadPoolExecutor(8) as pool:
        states = {one.state for one in pool.map(asked.one, ["r"] * 40)}
    assert states == {"running"}
    assert airflow.count(f"GET {DAG}/dagRuns/r") == 1
    airflow.runs["r"]["state"] = "success"
    ticking.now += 1.1
    assert asked.one("r").state == "success"


def test_a_failure_is_remembered_as_long_and_no_longer(airflow, asked, ticking):
    airflow.broken = 503, {}
    for _ in range(5):
        with pytest.raises(AirflowAway):
            asked.newest()
    assert airflow.count(f"GET {DAG}/dagRuns") == 2  # once, and once more at once
    airflow.broken = None
    ticking.now += 1.1
    assert asked.newest() == []


def test_what_was_just_started_is_seen_at_once(airflow, asked):
    assert asked.newest() == []
    started = asked.start("alice")
    assert [one.id for one in asked.newest()] == [started.id]


def test_two_who_ask_at_once_start_one_that_waits(airflow, asked, clock, ticking):
    with closing(Retrainings(settings_for(airflow.url), clock, ticking)) as other:
        airflow.add_run("under way", "running")

        def ask(who):
            try:
                return who.start("alice").id
            except AlreadyQueued:
                return None

        with ThreadPoolExecutor(2) as pool:
            begun = [run for run in pool.map(ask, [asked, other]) if run]
    assert len(begun) == 1


def test_who_waits_too_long_behind_another_question_is_told_to_try_again(asked, monkeypatch):
    monkeypatch.setattr(dag_runs, "PATIENCE_SECONDS", 0.05)
    folder = Settings().paths.clean_model
    folder.mkdir(parents=True)
    with FileLock(folder / ".retrain.lock"), pytest.raises(Busy, match="try again"):
        asked.start("alice")


def test_another_airflow_is_asked_under_the_name_of_its_setting(airflow, clock):
    airflow.password = "p@ss"
    url = airflow.url.replace("//", "//satispy-api:p%40ss@")
    settings = Settings(airflow_url=url, airflow_public_url="https://airflow.example.org/x/")
    airflow.add_run("a+b", "queued")
    with closing(Retrainings(settings, clock)) as asked:
        page = asked.one("a+b").airflow_url
    assert page == "https://airflow.example.org/x/dags/retrain_reviews/runs/a%2Bb"


def test_an_address_that_is_none_is_a_setting_to_mend_and_its_password_is_not_shown(clock):
    with pytest.raises(ConfigurationError, match="SATISPY_AIRFLOW_URL") as refused:
        Retrainings(Settings(airflow_url="ftp://me:hush@host"), clock)
    assert "hush" not in str(refused.value)


def test_without_a_setting_the_airflow_of_make_up_is_asked(clock):
    with closing(Retrainings(Settings(airflow_port=18080), clock)) as asked:
        assert asked.page_of("r").startswith("http://127.0.0.1:18080/dags/")


def test_the_tasks_that_failed_themselves_are_named(airflow, asked):
    airflow.add_run("r", "failed")
    for task, state in [("report", "upstream_failed"), ("train_svm", "failed"), ("gate", None)]:
        airflow.add_task("r", task, state)
    assert asked.failed_tasks("r") == ["train_svm"]

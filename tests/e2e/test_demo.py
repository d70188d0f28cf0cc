"""What the tour of `satispy demo` leaves behind, and what runs then."""

import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import psutil
import pytest
from playwright.sync_api import expect

from chromium import chromium
from satispy.demo.reviews import write_reviews
from satispy.demo.tour import DAG_ID
from satispy.models.catalog import family_names
from satispy.stack.processes import marked

RUN_SECONDS = 300
ROOT = Path(__file__).resolve().parents[2]


def airflow_token(product):
    return httpx2.post(
        f"{product.url('AIRFLOW')}/auth/token",
        json=dict(zip(("username", "password"), product.auth, strict=True)),
    ).json()["access_token"]


def test_every_upload_is_counted(product):
    uploads = product.summary["uploads"]
    assert [upload["rows_total"] for upload in uploads] == [1200, 1800, 2100]
    assert [upload["rows_quarantined"] for upload in uploads] == [0, 4, 0]
    assert [upload["rows_duplicate"] for upload in uploads] == [0, 40, 0]


def test_every_family_is_trained_in_every_run_and_better_than_guessing(product):
    summary = product.summary
    assert [run["state"] for run in summary["dag_runs"]] == ["success"] * 3
    for run, rows in zip(summary["dag_runs"], (1200, 1800, 2100), strict=True):
        of_run = [one for one in summary["runs"] if one["dag_run"] == run["id"]]
        assert sorted(one["family"] for one in of_run) == family_names()
        assert {one["rows"] for one in of_run} == {rows}
        assert all(one["accuracy"] > 0.75 and one["train_seconds"] > 0 for one in of_run)


def test_the_summary_says_what_ran_and_what_it_took(product):
    summary = product.summary
    assert {alert["metric"] for alert in summary["alerts"]} == {"accuracy", "f1_0", "f1_1"}
    assert len(summary["alerts"]) == 3 * len(family_names())
    assert 300 < summary["peak_memory_mib"] < 20_000
    assert {"python", "satispy", "airflow", "scikit-learn", "wikipedia2vec"} <= set(
        summary["versions"]
    )


def test_the_addresses_and_the_credentials_are_printed(product):
    printed = "\n".join(product.printed)
    for name in ("API", "UI", "AIRFLOW"):
        assert product.url(name) in printed
    assert product.auth[1] in printed


def test_every_family_answers_with_the_model_of_the_last_run(product):
    newest = product.summary["dag_runs"][-1]["id"]
    with httpx2.Client(base_url=product.url("API"), auth=product.auth) as api:
        served = {
            report["run"]
            for report in api.get("/reports").json()["items"]
            if report["dag_run"] == newest
        }
        answer = api.post("/predict", json={"texts": ["Une honte, colis perdu."]}).json()
        assert api.get("/ready").status_code == 200
    predictions = answer["results"][0]["predictions"]
    assert sorted(predictions) == family_names()
    assert {one["model_version"] for one in predictions.values()} == served
    assert predictions["svm"]["label_name"] == "négatif"


def test_nothing_listens_beyond_this_machine(product):
    listening = [
        connection.laddr.ip
        for process in marked(product.home)
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 3
    assert set(listening) == {"127.0.0.1"}


def test_secrets_are_for_their_owner_alone_and_in_no_log(product):
    for path in (product.home / "secrets").iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
    logs = [path for path in (product.home / "logs").rglob("*") if path.is_file()]
    assert logs
    assert [path for path in logs if product.auth[1] in path.read_text(errors="replace")] == []


def test_a_second_demo_in_the_same_home_is_refused(product):
    before = product.summary
    done = subprocess.run(
        [Path(sys.executable).with_name("satispy"), "demo", "--once"],
        env=product.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert str(product.process.pid) in done.stderr
    assert product.summary == before


@pytest.mark.browser
def test_airflow_shows_the_graph_and_leads_to_the_page_and_the_api(product):
    token = airflow_token(product)
    with chromium() as browser:
        page = browser.new_page()
        page.context.add_cookies(
            [{"name": "_token", "value": token, "url": product.url("AIRFLOW")}]
        )
        page.goto(f"{product.url('AIRFLOW')}/dags/retrain_reviews")
        expect(page.get_by_text("train_gbc").first).to_be_visible(timeout=30_000)
        page.get_by_role("button", name="Browse").click()
        expect(page.get_by_text("Satispy: page")).to_be_visible()
        expect(page.get_by_text("Satispy: API")).to_be_visible()


@pytest.mark.browser
def test_the_documentation_of_the_api_works_without_the_internet(product):
    with chromium() as browser:
        page = browser.new_page()
        hosts = set()
        page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
        page.goto(f"{product.url('API')}/docs")
        page.get_by_role("button", name="Authorize").click()
        page.locator("#auth-basic-username").fill(product.auth[0])
        page.locator("#auth-basic-password").fill(product.auth[1])
        page.get_by_label("Apply credentials").first.click()
        page.get_by_role("button", name="Close").first.click()
        page.get_by_text("/authentification").click()
        page.get_by_role("button", name="Try it out").click()
        page.get_by_role("button", name="Execute").click()
        expect(page.get_by_text('"role": "admin"').first).to_be_visible()
    assert hosts == {"127.0.0.1"}


def airflow_of(product):
    token = airflow_token(product)
    return httpx2.Client(
        base_url=f"{product.url('AIRFLOW')}/api/v2/dags/{DAG_ID}",
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
    )


def until(question, wanted):
    """Ask until the answer is one of those wanted; return it."""
    deadline = time.monotonic() + RUN_SECONDS
    while (answer := question()) not in wanted:
        assert time.monotonic() < deadline, f"still {answer}"
        time.sleep(0.5)  # between two looks at another process
    return answer


@pytest.mark.parametrize(("choice", "event"), [("Reject", "held"), ("Approve", "promoted")])
def test_a_person_is_asked_in_airflow_and_the_answer_stands_in_the_history(
    product, tmp_path, choice, event
):
    """Through Airflow's REST interface, and without a triggerer."""
    more = write_reviews(tmp_path, seed=len(choice))[2]
    with (
        httpx2.Client(base_url=product.url("API"), auth=product.auth, timeout=60) as api,
        airflow_of(product) as airflow,
    ):
        before = api.get("/status").json()["serving"]
        assert api.post("/uploadfile", files={"file": more.read_bytes()}).status_code == 201
        run = airflow.post(
            "/dagRuns", json={"logical_date": None, "conf": {"ask_for_approval": True}}
        ).json()["dag_run_id"]
        place = f"/dagRuns/{run}"
        asked = f"{place}/taskInstances/approve"

        def state(path):
            return lambda: airflow.get(path).json()["state"]

        until(state(asked), {"awaiting_input"})
        assert api.get("/status").json()["serving"] == before
        decided = airflow.get(f"{place}/taskInstances/gate/xcomEntries/return_value").json()
        assert "blessed: all " in str(decided["value"])

        def answered():
            """Answer as often as asked: Airflow may lose an answer that comes at once."""
            if state(asked)() == "awaiting_input":
                comment = f"{choice}, I say"
                said = {"chosen_options": [choice], "params_input": {"comment": comment}}
                assert airflow.patch(f"{asked}/-1/hitlDetails", json=said).is_success
            return state(place)()

        ended = until(answered, {"success", "failed"})
        assert ended == "success", airflow.get(f"{place}/taskInstances").text
        said = [
            one
            for one in api.get("/promotions").json()["items"]
            if one["comment"] == f"{choice}, I say"
        ]
        assert said
        assert {(one["event"], one["by"]) for one in said} == {(event, product.auth[0])}
        assert (api.get("/status").json()["serving"] == before) == (choice == "Reject")


def failures(api):
    """The retrainings that failed and were not followed by one that went well."""
    alerts = api.get("/alerts").json()["items"]
    failed = [one for one in alerts if one["kind"] == "retraining-failed"]
    return [(one["run"], one["detail"]) for one in failed if one["ended_at"] is None]


def test_a_retraining_that_fails_becomes_an_alert(product):
    """Somebody edits the base by hand, so a step refuses it; then the base comes back."""
    base = product.home / "clean_data" / "data_MAJ.csv"
    whole = base.read_bytes()
    with httpx2.Client(base_url=product.url("API"), auth=product.auth, timeout=60) as api:
        base.write_bytes(whole[:-10] + b"by hand, \n")
        try:
            run = api.post("/retrain", json={}).json()["id"]
            state = until(lambda: api.get(f"/retrain/{run}").json()["state"], {"success", "failed"})
        finally:
            base.write_bytes(whole)
        assert state == "failed"
        until(lambda: len(failures(api)), {1})
        ((of_run, detail),) = failures(api)
    assert of_run == run
    assert re.search("failed in (snapshot|preprocess);", detail)


def test_a_retraining_is_asked_for_and_followed_over_the_api(product):
    """The API asks Airflow, under an account of its own; a success ends the alert."""
    with httpx2.Client(base_url=product.url("API"), auth=product.auth, timeout=60) as api:
        started = api.post("/retrain", json={})
        assert started.status_code == 202, started.text
        asked = started.json()
        seen = []

        def state():
            answer = api.get(f"/retrain/{asked['id']}")
            assert answer.status_code == 200, answer.text
            seen.append(answer.json())
            return seen[-1]["state"]

        assert until(state, {"success", "failed"}) == "success"
        assert {"queued", "running"} & {one["state"] for one in seen}
        (first, *_), last = api.get("/retrain").json()["items"], seen[-1]
        assert first == last
        assert last["by"] == product.auth[0]
        order = [task["task"] for task in last["tasks"]]
        families = [f"train_{family}" for family in family_names()]
        assert order[:2] + order[2 : 2 + len(families)] == ["snapshot", "preprocess", *families]
        assert {task["state"] for task in last["tasks"]} == {"success", "skipped"}
        reports = api.get("/reports").json()["items"]
        assert sorted(last["runs"]) == sorted(
            one["run"] for one in reports if one["dag_run"] == asked["id"]
        )
        until(lambda: len(failures(api)), {0})
    with airflow_of(product) as airflow:
        place = f"/dagRuns/{asked['id']}"
        assert airflow.get(place).json()["triggering_user_name"] == "satispy-api"
        links = airflow.get(f"{place}/taskInstances/train_svm/links").json()["extra_links"]
        (run,) = [name for name in last["runs"] if name.endswith("-svm")]
        assert links["Report"] == f"{product.url('UI')}/reporting?run={run}"

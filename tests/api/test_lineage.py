"""From an answer back to the uploads, over HTTP and on the command line."""

import shutil

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from reviews_api.app import create_app
from satispy.cli import app
from satispy.core.settings import load_settings
from satispy.workflows.opening import open_home
from several_runs import serving_run

TEXT = "Colis jamais arrivé, une honte."


@pytest.fixture
def settings(trained_home, own_settings, user, admin):
    shutil.copytree(trained_home, own_settings)
    settings = load_settings()
    with open_home(settings) as home:
        home.users.add(*user, "user")
        home.users.add("bob", "bob's password", "user")
        home.users.add(*admin, "admin")
    return settings


@pytest.fixture
def served(settings, user):
    with TestClient(create_app(settings)) as client:
        client.auth = user
        yield client


def asked(served, **more):
    answer = served.post("/predict", json={"texts": [TEXT], **more})
    return answer.json()["results"][0]["prediction_id"]


def command(*arguments):
    done = CliRunner().invoke(app, ["lineage", *arguments])
    return done.exit_code, done.stdout + done.stderr


def test_an_answer_leads_to_the_run_the_data_and_the_upload(served, settings):
    found = served.get(f"/predictions/{asked(served)}").json()
    runs = {answer["run"] for answer in found["prediction"]["answers"].values()}
    assert runs == {serving_run(settings, family) for family in ("ann", "gbc", "svm")}
    assert {one["run"] for one in found["lineage"]} == runs
    with open_home(settings) as home:
        (entry,), _ = home.store.history.uploads()
    for one in found["lineage"]:
        assert one["dataset"]["chain"] == entry.chain
        (upload,) = one["uploads"]
        assert (upload["upload_id"], upload["sha256"]) == (entry.upload_id, entry.sha256)
        assert (upload["received_by"], upload["rows_accepted"]) == ("admin", 1200)


def test_an_answer_is_for_who_asked_and_for_admins(served, admin):
    number = asked(served)
    served.auth = ("bob", "bob's password")
    refused = served.get(f"/predictions/{number}")
    assert (refused.status_code, refused.json()["code"]) == (404, "not-found")
    served.auth = admin
    assert served.get(f"/predictions/{number}").status_code == 200


def test_an_unknown_id_or_run_is_not_found(served):
    assert served.get("/predictions/nope").status_code == 404
    assert served.get("/lineage/nope").status_code == 404
    assert served.get("/lineage/..%2Fjobs").status_code == 404


def test_what_came_after_a_run_is_not_in_its_lineage(served, settings):
    with open_home(settings) as home:
        home.comments.add({"Commentaire": "Très bien", "star": "5"}, "admin").result()
    found = served.get(f"/lineage/{serving_run(settings)}").json()
    assert (found["comments"], len(found["uploads"]), found["erased"]) == (0, 1, False)


def test_the_command_line_tells_the_same(served, settings):
    number, run = asked(served), serving_run(settings)
    served.app.state.home.predictions.flush()
    code, said = command(run)
    assert code == 0
    assert "data_MAJ.csv" in said
    assert "by admin at" in said
    code, said = command(number)
    assert code == 0
    assert f"by {run}" in said
    assert TEXT not in said
    code, said = command("0" * 32)
    assert code == 1
    assert "kept for 90 days" in said


def test_without_keeping_there_is_no_id_and_the_answer_is_the_same(monkeypatch, request):
    monkeypatch.setenv("SATISPY_PREDICTION_DAYS", "0")
    served = request.getfixturevalue("served")
    (result,) = served.post("/predict", json={"texts": [TEXT]}).json()["results"]
    assert "prediction_id" not in result
    assert len(result["predictions"]) == 3

"""The model card of a run over HTTP."""

import shutil

import pytest
from fastapi.testclient import TestClient

from reviews_api.app import create_app
from satispy.core.files import read_json, write_json
from satispy.core.settings import load_settings
from satispy.registry import runs
from satispy.workflows.opening import open_home


@pytest.fixture
def served(trained_home, own_settings, admin, user):
    """The application on a home where every family was trained once, for a plain user."""
    shutil.copytree(trained_home, own_settings)
    settings = load_settings()
    with open_home(settings) as home:
        home.users.add(*admin, "admin")
        home.users.add(*user, "user")
    with TestClient(create_app(settings)) as client:
        client.auth = user
        yield client


@pytest.fixture
def run(served):
    """The folder of a run that has a card."""
    name = served.get("/models").json()["items"][0]["model_version"]
    return load_settings().paths.runs / name


def make_former(run):
    """Make it a run of before there were cards as data."""
    manifest = read_json(run / runs.MANIFEST)
    for name in ("card.json", "card.md", "card.html", "card.fr.html"):
        (run / name).unlink()
        del manifest["files"][name]
    (run / "model_card.md").write_text("# Model card")
    manifest["files"]["model_card.md"] = "0" * 64
    write_json(run / runs.MANIFEST, manifest)


def make_english_alone(run):
    """Make it a run of before there were French cards."""
    manifest = read_json(run / runs.MANIFEST)
    (run / "card.fr.html").unlink()
    del manifest["files"]["card.fr.html"]
    write_json(run / runs.MANIFEST, manifest)


BOTH = pytest.mark.parametrize("file", ["card", "card.html", "card.html?language=fr"])


@BOTH
def test_without_credentials_no_card_is_given(served, run, file):
    served.auth = None
    assert served.get(f"/models/{run.name}/{file}").status_code == 401


@BOTH
@pytest.mark.parametrize("name", ["20260101T000000.000000Z-gbc", "..", "..%2F..", ".hidden-gbc"])
def test_a_run_that_is_not_there_is_not_found(served, name, file):
    answer = served.get(f"/models/{name}/{file}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


@BOTH
def test_a_run_of_before_is_said_to_be_that(served, run, file):
    make_former(run)
    answer = served.get(f"/models/{run.name}/{file}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert "before there were such cards: read model_card.md" in answer.json()["detail"]


@BOTH
def test_a_card_that_was_changed_after_its_sealing_is_not_shown(served, run, file):
    for name in ("card.json", "card.html", "card.fr.html"):
        with (run / name).open("a") as card:
            card.write(" ")
    answer = served.get(f"/models/{run.name}/{file}")
    assert (answer.status_code, answer.json()["code"]) == (503, "artifact-damaged")


@BOTH
def test_a_user_and_an_admin_are_given_the_same_card(served, run, file, admin, user):
    path = f"/models/{run.name}/{file}"
    answers = [served.get(path, auth=who) for who in (admin, user)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content


def test_the_card_as_data_is_that_of_the_run(served, run):
    answer = served.get(f"/models/{run.name}/card").json()
    assert answer == read_json(run / "card.json")
    assert (answer["schema_version"], answer["run"]) == (1, run.name)


def test_a_field_that_a_later_card_brings_is_handed_on(served, run):
    card = read_json(run / "card.json") | {"schema_version": 99, "weather": "fine"}
    write_json(run / "card.json", card)
    manifest = read_json(run / runs.MANIFEST)
    manifest["files"]["card.json"] = runs.sha256_of(run / "card.json")
    write_json(run / runs.MANIFEST, manifest)
    answer = served.get(f"/models/{run.name}/card").json()
    assert (answer["schema_version"], answer["weather"]) == (99, "fine")


@pytest.mark.parametrize(
    ("query", "file", "language"),
    [
        ("", "card.html", "en"),
        ("?language=en", "card.html", "en"),
        ("?language=fr", "card.fr.html", "fr"),
    ],
)
def test_the_page_is_the_sealed_file_and_may_run_and_load_nothing(
    served, run, query, file, language
):
    answer = served.get(f"/models/{run.name}/card.html{query}")
    assert answer.content == (run / file).read_bytes()
    assert answer.headers["content-language"] == language
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    policy = answer.headers["content-security-policy"].split("; ")
    assert policy[:3] == ["default-src 'none'", "style-src 'unsafe-inline'", "img-src data:"]
    assert not any("script" in rule for rule in policy)


def test_a_run_of_before_the_french_cards_has_its_english_one_and_says_so(served, run):
    make_english_alone(run)
    answer = served.get(f"/models/{run.name}/card.html?language=fr")
    assert answer.content == (run / "card.html").read_bytes()
    assert answer.headers["content-language"] == "en"


def test_a_french_card_that_is_gone_is_not_replaced_by_the_english_one(served, run):
    (run / "card.fr.html").unlink()
    answer = served.get(f"/models/{run.name}/card.html?language=fr")
    assert (answer.status_code, answer.json()["code"]) == (503, "artifact-damaged")


@pytest.mark.parametrize("language", ["de", "", "FR", "fr-CA"])
def test_a_language_that_no_card_is_in_is_refused(served, run, language):
    answer = served.get(f"/models/{run.name}/card.html", params={"language": language})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-input")

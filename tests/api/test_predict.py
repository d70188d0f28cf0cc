import shutil

import pytest
from fastapi.testclient import TestClient

from reviews_api.app import create_app
from satispy.core.settings import load_settings
from satispy.models.catalog import family_names
from satispy.registry.serving import ServingPointers
from satispy.workflows.opening import open_home
from satispy.workflows.retraining.evaluate import evaluate
from satispy.workflows.retraining.jobs import Job
from satispy.workflows.retraining.publish import publish
from satispy.workflows.retraining.train import train


@pytest.fixture
def served(trained_home, own_settings, user):
    """The application on a home where every family serves."""
    shutil.copytree(trained_home, own_settings)
    settings = load_settings()
    with open_home(settings) as home:
        home.users.add(*user, "user")
    with TestClient(create_app(settings)) as client:
        client.auth = user
        yield client


def test_before_the_first_training_it_is_not_ready_and_says_why(api, user):
    answer = api.post("/predict", auth=user, json={"texts": ["bien"]})
    assert (answer.status_code, answer.json()["code"]) == (503, "not-ready")
    assert "retrain_reviews" in answer.json()["detail"]
    assert api.get("/ready").status_code == 503


def test_it_is_not_ready_when_the_base_is_gone(served):
    assert served.get("/ready").json() == {"status": "ready"}
    load_settings().paths.base.unlink()
    answer = served.get("/ready")
    assert answer.status_code == 503
    assert "cannot be read" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "status", "what"),
    [
        ({"texts": []}, 422, "texts"),
        ({"texts": ["x"] * 101}, 422, "texts"),
        ({"texts": ["bien", "  "]}, 422, r"texts[1] is blank"),
        ({"texts": "bien"}, 422, "texts"),
        ({"texts": ["x" * 10_001]}, 422, "texts"),
        ({}, 422, "texts"),
        ({"texts": ["bien"], "families": ["xgb"]}, 404, ", ".join(family_names())),
        ({"texts": ["bien"], "families": []}, 422, "families"),
    ],
)
def test_a_bad_request_is_refused_with_what_was_expected(served, body, status, what):
    answer = served.post("/predict", json=body)
    assert answer.status_code == status
    assert what in answer.json()["detail"]


def test_every_family_answers_for_every_text(served):
    texts = [
        "Impeccable comme d’habitude, bravo pour le suivi, site sérieux et facile à utiliser.",
        "Une honte : colis perdu, arnaque, évitez, impossible de joindre le service client.",
    ]
    results = served.post("/predict", json={"texts": texts}).json()["results"]
    versions = {pointer.family: pointer.run for pointer in pointers()}
    for result, name in zip(results, ("positif", "négatif"), strict=True):
        assert sorted(result["predictions"]) == family_names()
        for family, said in result["predictions"].items():
            assert said["label_name"] == name
            assert said["label"] == (said["probability"] >= 0.5)
            assert said["model_version"] == versions[family]


def test_every_family_explains_itself_word_by_word(served):
    text = "Colis jamais arrivé, une honte"
    plain, explained = (
        served.post("/predict", json={"texts": [text], "explain": explain}).json()["results"][0]
        for explain in (False, True)
    )
    for family in family_names():
        said = explained["predictions"][family]
        words = said.pop("words")
        assert plain["predictions"][family] == said
        assert [one["word"] for one in words] == ["colis", "jamais", "arrivé", "une", "honte"]
        shorter = served.post(
            "/predict", json={"texts": ["Colis jamais arrivé, une"], "families": [family]}
        ).json()["results"][0]["predictions"][family]
        moved = said["probability"] - shorter["probability"]
        assert words[-1]["weight"] == pytest.approx(moved, abs=1e-5)
        assert any(abs(one["weight"]) > 1e-3 for one in words)


def test_one_may_ask_some_families_and_a_text_without_words_is_answered(served):
    answer = served.post("/predict", json={"texts": ["!!!"], "families": ["svm", "svm"]})
    assert list(answer.json()["results"][0]["predictions"]) == ["svm"]


def test_a_running_api_takes_a_new_model_by_itself(served):
    before = served.get("/status").json()["serving"]
    settings = load_settings()
    job = Job(max(settings.paths.jobs.iterdir()))
    shutil.rmtree(job.candidate("svm").folder)
    train(settings, job.name, "svm")
    evaluate(settings, job.name)
    publish(settings, job.name)
    predictions = served.post("/predict", json={"texts": ["bien"]}).json()["results"][0]
    assert predictions["predictions"]["svm"]["model_version"] != before["svm"]
    assert predictions["predictions"]["gbc"]["model_version"] == before["gbc"]


def damage(run):
    """Spoil a run; return what mends it."""
    graph = load_settings().paths.runs / run / "model.onnx"
    whole = graph.read_bytes()
    graph.write_bytes(b"damaged")
    return lambda: graph.write_bytes(whole)


def publish_copy(served, family):
    """Publish a copy of the serving run under another name; return the name."""
    settings = load_settings()
    pointers = ServingPointers(settings.paths.serving)
    name = f"29990101T000000.000000Z-{family}"
    shutil.copytree(settings.paths.runs / pointers.of(family).run, settings.paths.runs / name)
    pointers.move(family, name, served.app.state.home.clock())
    return name


def test_a_damaged_run_is_not_taken_until_it_is_mended_and_others_are_taken(served):
    before = served.get("/status").json()["serving"]
    now = [0.0]
    served.app.state.predictor._now = lambda: now[0]
    mend = damage(publish_copy(served, "svm"))
    other = publish_copy(served, "gbc")
    assert served.post("/predict", json={"texts": ["bien"]}).status_code == 200
    after = served.get("/status").json()["serving"]
    assert (after["svm"], after["gbc"]) == (before["svm"], other)
    mend()
    now[0] = 60.0
    assert served.get("/status").json()["serving"]["svm"] != before["svm"]
    assert served.get("/models").json()["items"][-1]["model_version"] != before["svm"]


def test_a_family_damaged_from_the_start_leaves_the_others_alone(served):
    damage(ServingPointers(load_settings().paths.serving).of("svm").run)
    only = {"texts": ["bien"], "families": ["gbc"]}
    assert served.post("/predict", json=only).status_code == 200
    answer = served.post("/predict", json={"texts": ["bien"], "families": ["svm"]})
    assert (answer.status_code, answer.json()["code"]) == (503, "artifact-damaged")
    assert "model.onnx" in answer.json()["detail"]


def test_the_reports_show_scores_and_alerts_at_the_threshold_asked_for(served):
    strict = served.get("/reports", params={"threshold": 1.0}).json()
    assert {alert["state"] for alert in strict["alerts"]} == {"alert"}
    loose = served.get("/reports", params={"threshold": 0}).json()
    assert {alert["state"] for alert in loose["alerts"]} == {"ok"}
    assert [item["family"] for item in loose["items"]] == sorted(
        family_names(), key=[item["family"] for item in loose["items"]].index
    )
    assert served.get("/reports").json()["threshold"] == 0.8
    assert served.get("/reports", params={"threshold": 80}).status_code == 422


def test_the_models_that_serve_are_named_with_their_data(served):
    items = served.get("/models").json()["items"]
    assert [item["family"] for item in items] == family_names()
    assert all(item["rows"] == 900 and item["accuracy"] > 0.7 for item in items)


def pointers():
    return ServingPointers(load_settings().paths.serving).all()

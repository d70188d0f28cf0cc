import json
import os
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import onnx
import pytest
from onnx import TensorProto

from satispy.core.settings import load_settings, repository
from satispy.models.catalog import family_names
from satispy.registry import runs
from satispy.registry.serving import ServingPointers


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


def test_only_so_much_is_explained_at_once_and_the_limit_is_told(served):
    """Each word costs an answer: a hundred long texts would keep the service busy for minutes."""
    long = {"texts": ["bien " * 2_000, "nul " * 2_500, "bien"], "explain": True}
    answer = served.post("/predict", json=long)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-input")
    assert "at most 20000 characters to explain at once, but received 20004" in answer.text
    assert served.post("/predict", json={**long, "explain": False}).status_code == 200
    told = served.get("/openapi.json").json()["paths"]["/predict"]["post"]["description"]
    assert "20 000 characters" in told


def test_serving_loads_neither_what_trains_nor_what_reads_tables():
    """pandas alone would be a third of the API's memory."""
    heavy = {
        *("alembic", "mlflow", "openlineage", "pandas", "pyarrow"),
        *("scipy", "sklearn", "tensorflow", "wikipedia2vec"),
    }
    code = "import sys, reviews_api.app; print(*sys.modules)"
    services = str(repository() / "services" / "fastapi")
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": services},
        capture_output=True,
        text=True,
        check=True,
    )
    assert heavy.intersection(done.stdout.split()) == set()


def test_one_may_ask_some_families_and_a_text_without_words_is_answered(served):
    answer = served.post("/predict", json={"texts": ["!!!"], "families": ["svm", "svm"]})
    assert list(answer.json()["results"][0]["predictions"]) == ["svm"]


def test_a_running_api_takes_a_new_model_by_itself(served):
    before = served.get("/status").json()["serving"]
    newer = publish_copy(served, "svm")
    predictions = served.post("/predict", json={"texts": ["bien"]}).json()["results"][0]
    assert predictions["predictions"]["svm"]["model_version"] == newer
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
    pointers.promote(family, name, served.app.state.home.clock())
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


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"format": 2}, "expected format 1"),
        ({"text_version": "0"}, "expected text version"),
        ({"text_version": None}, "expected text_version"),
        ({"vectors_sha256": None}, "expected vectors_sha256"),
        ({"files": {}}, "disagrees with its manifest in MLmodel"),
    ],
)
def test_a_run_of_another_satispy_is_refused_and_the_others_answer(served, change, complaint):
    settings = load_settings()
    manifest = settings.paths.runs / ServingPointers(settings.paths.serving).of("svm").run
    manifest /= "manifest.json"
    changed = {**json.loads(manifest.read_text()), **change}
    manifest.write_text(json.dumps(changed))
    answer = served.post("/predict", json={"texts": ["bien"], "families": ["svm"]})
    assert (answer.status_code, answer.json()["code"]) == (503, "artifact-damaged")
    assert complaint in answer.json()["detail"]
    assert any(word in answer.json()["detail"] for word in ("retrain", "promote"))
    assert sorted(served.get("/status").json()["serving"]) == ["ann", "gbc"]


def test_eight_clients_get_whole_answers_while_the_models_change(served):
    """Each answer is that of one run, named; after the last change all get the last run."""
    settings = load_settings()
    pointers = ServingPointers(settings.paths.serving)
    first = pointers.of("svm").run
    said = chance_of(served)
    names = [copy_with_labels_turned(settings, first, number) for number in range(3)]
    chances = dict.fromkeys(names, pytest.approx(1 - said, abs=1e-5))
    chances[first] = pytest.approx(said, abs=1e-5)
    moving = threading.Event()

    def ask_on(_client):
        said = []
        while not moving.is_set():
            answer = served.post("/predict", json={"texts": [TEXT] * 40, "families": ["svm"]})
            assert answer.status_code == 200
            said += [result["predictions"]["svm"] for result in answer.json()["results"]]
        return said

    with ThreadPoolExecutor(8) as clients:
        asked = [clients.submit(ask_on, number) for number in range(8)]
        try:
            for name in [*names, first, *names]:
                pointers.promote("svm", name, served.app.state.home.clock())
                assert chance_of(served) == chances[name]
        finally:
            moving.set()
        said = [one for client in asked for one in client.result()]
    assert {one["model_version"] for one in said} <= set(chances)
    assert all(one["probability"] == chances[one["model_version"]] for one in said)


TEXT = "Colis jamais arrivé, une honte, évitez"


def chance_of(served):
    answer = served.post("/predict", json={"texts": [TEXT], "families": ["svm"]})
    return answer.json()["results"][0]["predictions"]["svm"]["probability"]


def copy_with_labels_turned(settings, run, number):
    """Seal a copy of a run that answers the opposite; return its name."""
    candidate = settings.paths.home / f"turned{number}"
    shutil.copytree(settings.paths.runs / run, candidate)
    facts = json.loads((candidate / "manifest.json").read_text())
    (candidate / "manifest.json").unlink()
    graph = onnx.load(candidate / "model.onnx")
    last = graph.graph.output[-1]
    graph.graph.initializer.append(onnx.helper.make_tensor("one", TensorProto.FLOAT, (), [1.0]))
    graph.graph.node.append(onnx.helper.make_node("Sub", ["one", last.name], ["turned"]))
    last.name = "turned"
    onnx.save(graph, candidate / "model.onnx")
    name = f"2999010{number + 1}T000000.000000Z-svm"
    facts = {key: fact for key, fact in facts.items() if key not in {"format", "run", "files"}}
    runs.seal(candidate, settings.paths.runs, name, facts)
    return name


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
    assert all(item["rows"] == 1200 and item["accuracy"] > 0.7 for item in items)


def pointers():
    return ServingPointers(load_settings().paths.serving).all()

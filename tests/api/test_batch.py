"""A CSV in, the same CSV with predictions out: what comes back, and every refusal."""

import codecs
import csv
import io

import pytest
from fastapi.testclient import TestClient

from reviews_api.app import create_app
from satispy.core.errors import ArtifactDamaged
from satispy.core.settings import load_settings
from satispy.models.catalog import family_names
from satispy.models.serving import OnnxModel
from satispy.registry.serving import ServingPointers
from satispy.workflows import batch

GOOD = "id;Commentaire;note\n1;Livraison rapide, je recommande.;5\n2;Colis jamais arrivé !;1\n"


def ask(api, content=GOOD, query="", **more):
    given = content.encode() if isinstance(content, str) else content
    return api.post(f"/predict/batch{query}", files={"file": ("avis.csv", given)}, **more)


def table(answer):
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(codecs.BOM_UTF8)  # else Excel reads it as Windows-1252
    text = answer.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def predicted(api, text):
    answer = api.post("/predict", json={"texts": [text]}).json()
    return answer["results"][0]["predictions"], answer["champion"]


# What comes back


def test_each_row_comes_back_with_what_the_champion_says_of_it(served):
    answer = ask(served)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="predictions.csv"'
    assert answer.headers["x-rows"] == "2"
    rows = table(answer)
    for row, text in zip(
        rows, ("Livraison rapide, je recommande.", "Colis jamais arrivé !"), strict=True
    ):
        by_family, champion = predicted(served, text)
        said = by_family[champion]
        assert row == {
            "id": row["id"],
            "Commentaire": text,
            "note": row["note"],
            f"{champion}_label": str(said["label"]),
            f"{champion}_probability": f"{said['probability']:.6f}",
            "model_version": said["model_version"],
            "error": "",
        }
    assert [(row["id"], row["note"]) for row in rows] == [("1", "5"), ("2", "1")]


def test_every_family_is_asked_where_that_is_wanted(served):
    rows = table(ask(served, query="?families=all"))
    by_family, champion = predicted(served, rows[0]["Commentaire"])
    assert set(by_family) == set(family_names())
    for family, said in by_family.items():
        assert rows[0][f"{family}_label"] == str(said["label"])
        assert rows[0][f"{family}_probability"] == f"{said['probability']:.6f}"
    assert rows[0]["model_version"] == by_family[champion]["model_version"]


def test_a_row_that_cannot_be_judged_says_why_and_stops_no_other(served):
    long = "x" * 10_001
    rows = table(ask(served, f"Commentaire,n\nbien,1\n  ,2\n{long},3\nmal\nbon,5,6\nparfait,7\n"))
    assert [row["error"] for row in rows] == [
        "",
        "expected the text of a review, but received a blank one",
        "expected at most 10000 characters, but received 10001",
        "expected 2 cells as in the header, but received 1",
        "expected 2 cells as in the header, but received 3",
        "",
    ]
    assert [bool(row["model_version"]) for row in rows] == [not row["error"] for row in rows]
    assert [row["n"] for row in rows] == ["1", "2", "3", "", "5", "7"]


def test_nothing_that_a_spreadsheet_would_run_comes_back(served):
    (row,) = table(ask(served, 'Commentaire,=n\n"=1+1","@a"\n'))
    assert (row["Commentaire"], row["'=n"]) == ("'=1+1", "'@a")


def test_texts_of_several_lines_with_quotes_and_emoji_come_back_as_they_were(served):
    text = 'sur "deux"\nlignes, 🙂 et مرحبا'
    quoted = text.replace('"', '""')
    (row,) = table(ask(served, f'\ufeffCommentaire\n"{quoted}"\n\n'))
    assert (row["Commentaire"], row["error"]) == (text, "")


def test_the_column_is_found_in_any_case_and_others_may_stand_twice(served):
    answer = ask(served, "a\tCOMMENTAIRE\ta\n1\tbien\t2\n,\n")
    assert answer.content.decode("utf-8-sig").splitlines()[1].startswith("1,bien,2,")


def each_row_alone(served, monkeypatch, before_each):
    """Let a function see each model before it is asked, one row at a time."""
    ask(served)  # with it the models are loaded
    ask_it = OnnxModel.predict_proba

    def watched(model, words):
        before_each(model)
        return ask_it(model, words)

    monkeypatch.setattr(batch, "ROWS_AT_ONCE", 1)
    monkeypatch.setattr(OnnxModel, "predict_proba", watched)


def test_the_models_that_begin_a_file_end_it(served, monkeypatch):
    asked = []

    def forget_all_models(model):
        asked.append(model)
        vars(served.app.state.predictor).update(_state=None, _served={})

    each_row_alone(served, monkeypatch, forget_all_models)
    assert len(table(ask(served))) == len(asked) == 2
    assert asked[0] is asked[1]


def test_a_model_that_fails_is_told_in_its_rows(served, monkeypatch):
    fails = iter([False, True, False])

    def sometimes(_model):
        if next(fails):
            raise ArtifactDamaged("the graph is damaged")

    each_row_alone(served, monkeypatch, sometimes)
    rows = table(ask(served, "Commentaire\na\nb\nc\n"))
    assert [row["error"] for row in rows] == ["", "the graph is damaged", ""]


def test_prometheus_counts_the_texts_and_the_audit_trail_leaves_them_out(served, admin):
    served.app.state.home.users.add(*admin, "admin")

    def counted():
        lines = served.get("/metrics").text.splitlines()
        found = [line for line in lines if line.startswith("satispy_predictions_total")]
        return sum(float(line.split()[-1]) for line in found)

    before = counted()
    ask(served, "Commentaire\na\n \nb\n", query="?families=all")
    assert counted() == before + 2 * len(family_names())
    items = served.get("/audit", auth=admin).json()["items"]
    assert [item for item in items if "batch" in item["act"]] == []


def test_nothing_of_it_is_kept(served):
    home = served.app.state.home
    before = home.store.history.current()
    ask(served, "Commentaire\nun texte que personne ne garde\n")
    home.predictions.flush()
    assert home.store.history.current() == before
    with home.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM prediction").scalar() == 0


# What is refused


def test_before_the_first_training_it_is_not_ready(api, user):
    answer = ask(api, auth=user)
    assert (answer.status_code, answer.json()["code"]) == (503, "not-ready")


def test_a_champion_that_cannot_be_loaded_is_told(served):
    paths = load_settings().paths
    for family in family_names():
        run = ServingPointers(paths.serving).of(family).run
        (paths.runs / run / "model.onnx").write_bytes(b"x")
    with TestClient(create_app(load_settings())) as fresh:
        answer = ask(fresh, auth=served.auth)
    assert (answer.status_code, answer.json()["code"]) == (503, "artifact-damaged")


@pytest.mark.parametrize(
    ("content", "status", "code", "said"),
    [
        ("", 422, "not-a-review-file", "the file is empty"),
        ("Commentaire\n", 422, "not-a-review-file", "at least one row"),
        ("Commentaire,n\n,\n\n", 422, "not-a-review-file", "at least one row"),
        ("avis,star\nbien,5\n", 422, "not-a-review-file", "the column Commentaire; missing"),
        ("Commentaire,commentaire\na,b\n", 422, "not-a-review-file", "stands twice"),
        ('Commentaire\n"bien\n', 422, "not-a-review-file", "never closed"),
        ("Commentaire\nbon\n".encode("utf-16"), 422, "not-a-review-file", "UTF-16"),
        ("Commentaire\ndéçu\n".encode("latin-1"), 422, "not-a-review-file", "0xe9"),
        ("Commentaire,error\nbien,1\n", 422, "not-a-review-file", "without the column 'error'"),
        ("Commentaire,model_version\nbien,1\n", 422, "not-a-review-file", "'model_version'"),
        (b"PK\x03\x04 and so on", 415, "unsupported-file", "spreadsheet"),
    ],
)
def test_a_file_that_cannot_be_answered_is_refused_whole(served, content, status, code, said):
    answer = ask(served, content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert said in answer.json()["detail"]


def test_a_column_that_would_be_added_is_refused_by_name(served):
    family = served.get("/models").json()["champion"]
    answer = ask(served, f"Commentaire,{family}_label\nbien,1\n")
    assert f"'{family}_label'" in answer.json()["detail"]


def test_a_row_too_many_is_told_before_any_is_answered(served, monkeypatch):
    monkeypatch.setattr(batch, "MOST_ROWS", 3)
    assert len(table(ask(served, "Commentaire\n" + "bien\n" * 3))) == 3
    answer = ask(served, "Commentaire\n" + "bien\n" * 4)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
    assert "at most 3 rows" in answer.json()["detail"]


def test_a_fault_at_the_end_of_a_long_file_is_told_before_any_row_is_answered(served):
    content = ("Commentaire\n" + "bien\n" * 50_000).encode() + b"\xe9\n"
    answer = ask(served, content)
    assert (answer.status_code, answer.json()["code"]) == (422, "not-a-review-file")
    assert "line 50002" in answer.json()["detail"]


def test_a_larger_file_than_an_upload_may_be_is_refused(sqlite_home, open_api, user, monkeypatch):
    monkeypatch.setenv("SATISPY_MAX_UPLOAD_MB", "1")
    answer = ask(open_api(), "Commentaire\n" + "x" * 2_100_000, auth=user)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


@pytest.mark.parametrize("query", ["?families=svm", "?families=", "?family=all"])
def test_a_family_by_name_or_a_mistyped_parameter_is_refused(served, query):
    answer = ask(served, query=query)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-input")


def test_two_files_or_none_are_refused(served):
    two = [("file", ("a.csv", GOOD)), ("file", ("b.csv", GOOD))]
    assert served.post("/predict/batch", files=two).status_code == 422
    assert served.post("/predict/batch").status_code == 422
    assert served.post("/predict/batch", json={"texts": ["bien"]}).status_code == 422


def test_who_only_reads_may_not_ask(api):
    api.app.state.home.users.add("vera", "vera's password", "viewer")
    answer = ask(api, auth=("vera", "vera's password"))
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")

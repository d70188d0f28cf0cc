"""The judgement on the candidates of a job, and what it writes."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import reviews_api
from satispy.core.errors import ArtifactDamaged
from satispy.core.files import read_json, write_json
from satispy.core.settings import load_settings
from satispy.core.types import METRICS
from satispy.data.snapshot import read_snapshot
from satispy.evaluation.split import is_exam
from satispy.features.vectors import load_vectors
from satispy.models.catalog import family_names
from satispy.models.serving import OnnxModel
from satispy.registry import runs
from satispy.registry.serving import ServingPointers
from satispy.workflows.opening import open_home
from satispy.workflows.predict import Predictor
from satispy.workflows.retraining.evaluate import evaluate
from satispy.workflows.retraining.exam_sheet import HELD_OUT, read_sheet
from satispy.workflows.retraining.jobs import Job
from satispy.workflows.retraining.reviews import read_side
from satispy.workflows.retraining.train import train


@pytest.fixture
def settings(trained_home, own_settings):
    shutil.copytree(trained_home, own_settings)
    return load_settings()


@pytest.fixture
def job(settings):
    return Job(max(settings.paths.jobs.iterdir()))


def judged(settings, job, family="gbc"):
    """Judge all candidates anew; return what was found about one."""
    evaluate(settings, job.name)
    return read_json(job.candidate(family).metrics_file)


def card(job, family="gbc"):
    return (job.candidate(family).folder / "card.md").read_text(encoding="utf-8")


def serve_another(settings, family="gbc"):
    """Let a copy of the serving run, under another name, serve; return its folder."""
    pointers = ServingPointers(settings.paths.serving)
    name = f"20200101T000000.000000Z-{family}"
    folder = settings.paths.runs / name
    shutil.copytree(settings.paths.runs / pointers.of(family).run, folder)
    pointers.promote(family, name, datetime.now(UTC))
    return folder


def drop_the_model(settings, folder):
    (folder / "model.onnx").unlink()


def lose_the_run(settings, folder):
    shutil.rmtree(folder)


def cut_texts_otherwise(settings, folder):
    manifest = read_json(folder / runs.MANIFEST)
    write_json(folder / runs.MANIFEST, manifest | {"text_version": "of another age"})


def lose_the_vectors(settings, folder):
    manifest = read_json(folder / runs.MANIFEST)
    write_json(folder / runs.MANIFEST, manifest | {"vectors_version": "gone"})


def spoil_the_pointer(settings, folder):
    (settings.paths.serving / "gbc.json").write_text("[]")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (drop_the_model, "artifact-damaged"),
        (lose_the_run, "not-found"),
        (cut_texts_otherwise, "artifact-damaged"),
        (lose_the_vectors, "artifact-damaged"),
        (spoil_the_pointer, "artifact-damaged"),
    ],
)
def test_a_serving_model_that_cannot_sit_the_exam_is_reported_and_stops_nothing(
    settings, job, spoil, code
):
    folder = serve_another(settings)
    spoil(settings, folder)
    found = judged(settings, job)["serving"]
    assert (found["state"], found["code"]) == ("unreadable", code)
    assert found["detail"]
    assert f"could not sit the exam ({code})" in card(job)
    assert judged(settings, job, "svm")["serving"]["state"] == "none"


def test_before_anything_served_there_is_nothing_beside(settings, job):
    shutil.rmtree(settings.paths.serving)
    assert judged(settings, job)["serving"] == {"state": "none"}


def test_the_serving_model_sits_the_same_exam_from_its_own_files(settings, job):
    folder = serve_another(settings)
    found = judged(settings, job)
    beside = found["serving"]
    assert (beside["state"], beside["run"]) == ("examined", folder.name)
    assert beside["macro_f1"] == found["macro_f1"]
    assert beside["difference"]["accuracy"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert folder.name in card(job)


def test_a_candidate_judged_again_after_its_publication_is_compared_with_the_run_before(
    settings, job
):
    """A cleared task must not compare a run with itself."""
    own = ServingPointers(settings.paths.serving).of("gbc").run
    before = serve_another(settings)
    ServingPointers(settings.paths.serving).promote("gbc", own, datetime.now(UTC))
    assert judged(settings, job)["serving"]["run"] == before.name


def test_judging_twice_gives_the_same_bytes(settings, job):
    candidate = job.candidate("svm")
    evaluate(settings, job.name)
    names = ("metrics.json", "card.json", "card.md", "card.html", "card.fr.html")
    before = [(candidate.folder / name).read_bytes() for name in names]
    evaluate(settings, job.name)
    assert [(candidate.folder / name).read_bytes() for name in names] == before


def test_every_report_holds_what_was_promised(settings):
    for family in family_names():
        (path,) = settings.paths.reports.glob(f"*-{family}.json")
        report = json.loads(path.read_text(encoding="utf-8"))
        for name in (*METRICS, "macro_f1"):
            assert report[f"{name}_low"] <= report[name] <= report[f"{name}_high"]
        assert set(report["slices"]) == {"source", "company", "star", "words", "year"}
        for slices in report["slices"].values():
            assert sum(one["n"] for one in slices) == report["exam_rows"]
        assert set(report["fairness"]) == {"source", "company"}
        assert set(report["yardsticks"]) == {"majority", "source_rule"}
        assert len(report["details"]["calibration"]) == 10
        assert report["schema_version"] == 2


def write_held_out(job, family, change=lambda table: table):
    """Write held-out predictions of two folds, all of them right."""
    side = read_sheet(job, exam=False)
    table = {
        "id": side.ids[::-1],
        "fold": np.arange(len(side.ids)) % 2,
        "label": side.labels[::-1],
        "probability": np.where(side.labels[::-1] == 1, 0.9, 0.1).astype(np.float32),
    }
    pq.write_table(pa.table(change(table)), job.candidate(family).folder / HELD_OUT)


def another_label(table):
    return table | {"label": 1 - table["label"]}


def an_id_of_the_exam(table):
    ids = table["id"].copy()
    ids[0] = 10**9
    return table | {"id": ids}


def an_id_twice(table):
    return {name: np.concatenate((values, values[:1])) for name, values in table.items()}


def a_column_less(table):
    return {name: values for name, values in table.items() if name != "fold"}


def nothing(table):
    return {name: values[:0] for name, values in table.items()}


@pytest.mark.parametrize(
    "change", [another_label, an_id_of_the_exam, an_id_twice, a_column_less, nothing]
)
def test_held_out_predictions_of_other_reviews_are_refused(settings, job, change):
    write_held_out(job, "gbc", change)
    with pytest.raises(ArtifactDamaged, match=r"(?s)held_out\.parquet.*clear train_gbc"):
        evaluate(settings, job.name)


def test_held_out_predictions_are_judged_by_fold_and_slice_in_any_order(settings, job):
    write_held_out(job, "gbc")
    found = judged(settings, job)["held_out"]
    assert [one["accuracy"] for one in found["folds"]] == [1.0, 1.0]
    assert found["spread"]["macro_f1"] == 0
    assert sum(one["n"] for one in found["slices"]["star"]) == found["n"]
    assert found["source_rule"]["difference"]["accuracy"]["value"] > 0
    assert "On the training side" in card(job)


def test_a_training_that_left_no_held_out_predictions_has_no_such_section(settings, job):
    (job.candidate("gbc").folder / HELD_OUT).unlink(missing_ok=True)
    assert "held_out" not in judged(settings, job)
    assert "On the training side" not in card(job)


def test_mistake_2_a_text_is_answered_online_as_it_was_in_the_exam(settings, job):
    """From the raw text on: the published system cut words otherwise when it served."""
    with open_home(settings) as home:
        frame = read_snapshot(home.store, job.dataset.number)
    texts = [text for text in frame["Commentaire"] if is_exam(text)][:100]
    online = Predictor(settings).predict(texts)
    vectors = load_vectors(settings.paths.vectors / job.vectors_version)
    for family in family_names():
        model = OnnxModel.load(job.candidate(family).folder, vectors)
        examined = model.predict_proba(read_side(job.reviews, exam=True).words)[: len(texts)]
        answered = [answers[family].probability for answers in online]
        assert answered == pytest.approx(examined.tolist(), abs=1e-6)


def test_mistake_11_every_label_is_0_or_1_as_the_stars_say(job):
    """A chained in-place replace did nothing under pandas 3: the labels were the stars."""
    for exam in (True, False):
        sheet = read_sheet(job, exam=exam)
        assert np.array_equal(sheet.labels, sheet.traits.star >= 3)
        assert set(sheet.labels.tolist()) == {0, 1}


def alter(job):
    """Turn the labels of the exam round, fill it with a strange word, and mix up all sources."""
    chance = np.random.default_rng(1)
    for path in job.reviews:
        table = pq.read_table(path)
        exam = table["exam"].to_numpy()
        labels = np.where(exam, 1 - table["label"].to_numpy(), table["label"].to_numpy())
        words = [
            ["zygomorphe"] * 3 if examined else one
            for examined, one in zip(exam, table["words"].to_pylist(), strict=True)
        ]
        mixed = {
            "label": labels,
            "words": words,
            "source": chance.permutation(table["source"].to_pylist()),
            "company": [f"company {number}" for number in range(len(exam))],
            "star": np.full(len(exam), 3),
            "date": ["1999-01-01"] * len(exam),
        }
        for name, values in mixed.items():
            place = table.schema.get_field_index(name)
            kind = table.schema.field(name).type
            table = table.set_column(place, name, pa.array(values, type=kind))
        path.unlink()  # it may be linked to what other jobs share
        pq.write_table(table, path)


def test_mistakes_4_and_5_no_family_learns_the_source_nor_anything_of_the_exam(settings, job):
    """Nor does it choose its vocabulary, its calibration or when to stop by them."""
    vectors = load_vectors(settings.paths.vectors / job.vectors_version)
    asked = read_side(job.reviews, exam=True).words
    before = {
        family: OnnxModel.load(job.candidate(family).folder, vectors).predict_proba(asked)
        for family in family_names()
    }
    alter(job)
    for family in family_names():
        shutil.rmtree(job.candidate(family).folder)
        train(settings, job.name, family)
        again = OnnxModel.load(job.candidate(family).folder, vectors).predict_proba(asked)
        assert np.array_equal(again, before[family]), family


def test_the_processes_that_serve_do_not_load_what_judges():
    """fairlearn brings pandas and scikit-learn: 180 MB that the API does without."""
    script = (
        "import sys; import reviews_api.app; "
        "print([name for name in ('fairlearn', 'sklearn') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(reviews_api.__file__).parent.parent,
    )
    assert done.stdout.strip() == "[]", done.stderr

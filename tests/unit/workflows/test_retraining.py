import csv
import json
import shutil

import pyarrow.parquet as pq
import pytest

from satispy.core.errors import NotFound, NotReady, TrainingImpossible
from satispy.core.settings import load_settings
from satispy.evaluation.split import is_exam
from satispy.features.text import tokenize
from satispy.features.vectors import load_vectors
from satispy.models.catalog import family_names
from satispy.models.serving import OnnxModel
from satispy.registry import runs
from satispy.registry.serving import ServingPointers
from satispy.workflows.retraining.evaluate import evaluate
from satispy.workflows.retraining.jobs import Job
from satispy.workflows.retraining.preprocess import preprocess
from satispy.workflows.retraining.publish import publish
from satispy.workflows.retraining.report import JOBS_KEPT, report
from satispy.workflows.retraining.reviews import read_side
from satispy.workflows.retraining.snapshot import snapshot


@pytest.fixture
def settings(trained_home, own_settings):
    shutil.copytree(trained_home, own_settings)
    return load_settings()


def newest_job(settings):
    return Job(max(settings.paths.jobs.iterdir()))


def test_an_empty_base_is_not_trained_on():
    with pytest.raises(TrainingImpossible, match="upload"):
        snapshot(load_settings(), "manual")


def test_an_unknown_job_is_not_found():
    with pytest.raises(NotFound, match="trigger a new run"):
        preprocess(load_settings(), "20200101T000000.000000Z")


def test_mistake_7_what_did_not_sit_the_exam_does_not_serve(settings):
    job = newest_job(settings)
    job.candidate("svm").metrics_file.unlink()
    serving = ServingPointers(settings.paths.serving)
    before = serving.state()
    with pytest.raises(NotReady, match="svm"):
        publish(settings, job.name)
    assert serving.state() == before


def test_a_family_that_was_not_trained_stops_the_publication(settings):
    job = newest_job(settings)
    shutil.rmtree(job.candidate("gbc").folder)
    with pytest.raises(NotFound, match="gbc"):
        evaluate(settings, job.name)


def test_mistake_1_lists_of_words_stay_lists(settings):
    words = pq.read_table(newest_job(settings).folder / "reviews.parquet")["words"].to_pylist()
    assert all(isinstance(one, list) for one in words)
    assert max(len(word) for one in words for word in one) > 3


def test_mistake_5_no_text_stands_on_both_sides(settings):
    job = newest_job(settings)
    with settings.paths.base.open(encoding="utf-8", newline="") as file:
        texts = [line["Commentaire"] for line in csv.DictReader(file)]
    examined = [tokenize(text) for text in texts if is_exam(text)]
    assert read_side(job, exam=True).words == examined
    assert len(read_side(job, exam=False).words) == len(texts) - len(examined)


def test_every_family_is_served_by_a_whole_run_that_names_its_data_and_vectors(settings):
    pointers = ServingPointers(settings.paths.serving).all()
    assert [pointer.family for pointer in pointers] == family_names()
    for pointer in pointers:
        manifest = runs.check(settings.paths.runs / pointer.run)
        assert manifest["dataset"]["number"] == 1
        assert manifest["dag_run"] == "manual__test"
        assert (settings.paths.vectors / manifest["vectors_version"]).is_dir()
        assert pointer.run.endswith(f"-{pointer.family}")


def test_no_artifact_holds_a_pickle(settings):
    kinds = {path.suffix for path in settings.paths.clean_model.rglob("*") if path.is_file()}
    assert kinds == {".json", ".jsonl", ".npy", ".onnx", ".parquet"}


def test_a_retried_publication_changes_nothing(settings):
    before = sorted(settings.paths.runs.rglob("*"))
    state = ServingPointers(settings.paths.serving).state()
    publish(settings, newest_job(settings).name)
    assert sorted(settings.paths.runs.rglob("*")) == before
    assert ServingPointers(settings.paths.serving).state() == state


def test_the_reports_are_one_json_per_run_and_one_csv_per_family(settings):
    for family in family_names():
        (path,) = settings.paths.reports.glob(f"*-{family}.json")
        written = json.loads(path.read_text())
        with (settings.paths.reports / f"reporting_{family.upper()}.csv").open() as file:
            lines = list(csv.DictReader(file))
        assert list(lines[0])[:4] == ["Date-Heure", "f1_0", "f1_1", "accuracy"]
        assert float(lines[0]["accuracy"]) == written["accuracy"]
        assert written["rows"] == 900
        assert 0.7 < written["accuracy"] <= 1


def test_vectors_in_place_are_reused_and_renewed_only_when_asked(settings):
    first = newest_job(settings).vectors_version
    job = snapshot(settings, "again")
    preprocess(settings, job)
    assert newest_job(settings).vectors_version == first
    preprocess(settings, job, renew_vectors=True)
    assert newest_job(settings).vectors_version != first


def test_only_the_newest_jobs_are_kept(settings):
    done = newest_job(settings)
    for _ in range(JOBS_KEPT):
        shutil.copytree(
            done.folder, settings.paths.jobs / snapshot(settings, "x"), dirs_exist_ok=True
        )
    report(settings, newest_job(settings).name)
    assert len(list(settings.paths.jobs.iterdir())) == JOBS_KEPT
    assert not done.folder.exists()


def test_mistake_2_what_serves_answers_as_what_was_examined(settings):
    """The scores of the report come from the served form, so they can be made again from it."""
    exam = read_side(newest_job(settings), exam=True)
    for pointer in ServingPointers(settings.paths.serving).all():
        folder = settings.paths.runs / pointer.run
        manifest = runs.check(folder)
        model = OnnxModel.load(
            folder, load_vectors(settings.paths.vectors / manifest["vectors_version"])
        )
        right = (model.predict_proba(exam.words) >= 0.5) == exam.labels
        reported = json.loads((folder / "metrics.json").read_text())["accuracy"]
        assert right.mean() == pytest.approx(reported)

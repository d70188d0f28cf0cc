import csv
import json
import logging
import os
import shutil
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow.parquet as pq
import pytest

import satispy
from satispy.core.errors import ArtifactDamaged, NotFound, NotReady, TrainingImpossible
from satispy.core.files import read_json, write_json
from satispy.core.settings import load_settings
from satispy.evaluation.split import is_exam
from satispy.features.text import tokenize
from satispy.features.vectors import check_vectors, load_vectors
from satispy.models.catalog import family_names
from satispy.models.serving import OnnxModel
from satispy.registry import runs
from satispy.registry.serving import ServingPointers
from satispy.workflows.opening import open_home
from satispy.workflows.retraining.evaluate import evaluate
from satispy.workflows.retraining.gate import gate
from satispy.workflows.retraining.jobs import Job
from satispy.workflows.retraining.preprocess import preprocess
from satispy.workflows.retraining.promote import promote
from satispy.workflows.retraining.report import JOBS_KEPT, report
from satispy.workflows.retraining.reviews import read_side
from satispy.workflows.retraining.snapshot import snapshot
from satispy.workflows.retraining.train import train


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
    job.candidate("svm").gate_file.unlink()
    serving = ServingPointers(settings.paths.serving)
    before = serving.state()
    with pytest.raises(NotReady, match=r"svm.*clear evaluate"):
        gate(settings, job.name)
    with pytest.raises(NotReady, match=r"svm.*clear gate"):
        promote(settings, job.name)
    assert serving.state() == before


def test_a_family_that_failed_stops_no_other_and_is_named_in_the_end(settings):
    job = newest_job(settings)
    shutil.rmtree(job.candidate("gbc").folder)
    for step in (evaluate, gate, promote):
        step(settings, job.name)
    with pytest.raises(NotFound, match=r"but gbc was not; clear train_gbc"):
        report(settings, job.name)
    assert {pointer.family for pointer in ServingPointers(settings.paths.serving).all()} == {
        *family_names()
    }


def test_without_any_family_there_is_nothing_to_examine(settings):
    job = newest_job(settings)
    for family in family_names():
        shutil.rmtree(job.candidate(family).folder)
    with pytest.raises(NotFound, match=r"clear train_ann, train_gbc, train_svm"):
        evaluate(settings, job.name)


def test_an_exam_before_the_preprocessing_is_refused(settings):
    job = snapshot(settings, "manual")
    with pytest.raises(NotReady, match="clear preprocess"):
        evaluate(settings, job)


def test_a_candidate_of_other_vectors_does_not_count(settings):
    job = newest_job(settings)
    write_json(job.folder / "vectors.json", {"version": "others", "coverage": 1.0})
    for step in (evaluate, gate, promote):
        with pytest.raises(NotFound, match=r"word vectors others.*clear train_ann, train_gbc"):
            step(settings, job.name)


def test_damaged_vectors_are_neither_trained_on_nor_published(settings):
    job = newest_job(settings)
    folder = settings.paths.vectors / job.vectors_version
    np.save(folder / "matrix.npy", np.zeros_like(load_vectors(folder).matrix))
    with pytest.raises(ArtifactDamaged, match=r"matrix\.npy"):
        train(settings, job.name, "svm")
    assert "does not answer" in gate(settings, job.name)["svm"]
    with pytest.raises(ArtifactDamaged, match=r"matrix\.npy"):
        promote(settings, job.name)


def test_a_retraining_can_be_cleared_from_preprocess_on_with_new_vectors(settings):
    """What the runbook promises: each step starts over or finds its result written."""
    job = newest_job(settings)
    before = job.vectors_version
    preprocess(settings, job.name, renew_vectors=True)
    for family in family_names():
        train(settings, job.name, family)
    evaluate(settings, job.name)
    gate(settings, job.name)
    promote(settings, job.name)
    report(settings, job.name)
    assert job.vectors_version != before
    decided = {one.family: one for one in ServingPointers(settings.paths.serving).history()}
    for family in family_names():
        manifest = runs.check(settings.paths.runs / decided[family].run)
        assert manifest["vectors_version"] == job.vectors_version


def test_a_retried_training_finds_its_result_unless_it_would_be_another(settings):
    job = newest_job(settings)
    candidate = job.candidate("svm")
    before = candidate.training
    train(settings, job.name, "svm")
    assert candidate.training == before
    write_json(candidate.folder / "training.json", before | {"parameters": {"cost": 99}})
    train(settings, job.name, "svm")
    assert candidate.training["parameters"] == before["parameters"]
    assert candidate.training["trained_at"] > before["trained_at"]
    assert not candidate.metrics_file.exists()


def test_mistake_1_lists_of_words_stay_lists(settings):
    words = pq.read_table(newest_job(settings).folder / "reviews")["words"].to_pylist()
    assert all(isinstance(one, list) for one in words)
    assert max(len(word) for one in words for word in one) > 3


def test_mistake_5_no_text_stands_on_both_sides(settings):
    job = newest_job(settings)
    with settings.paths.base.open(encoding="utf-8", newline="") as file:
        texts = [line["Commentaire"] for line in csv.DictReader(file)]
    examined = [tokenize(text) for text in texts if is_exam(text)]
    assert read_side(job.reviews, exam=True).words == examined
    assert len(read_side(job.reviews, exam=False).words) == len(texts) - len(examined)


def test_every_family_is_served_by_a_whole_run_that_names_its_data_and_vectors(settings):
    pointers = ServingPointers(settings.paths.serving).all()
    assert [pointer.family for pointer in pointers] == family_names()
    for pointer in pointers:
        manifest = runs.check(settings.paths.runs / pointer.run)
        assert manifest["dataset"]["number"] == 1
        assert manifest["dag_run"] == "manual__test"
        vectors = settings.paths.vectors / manifest["vectors_version"]
        assert manifest["vectors_sha256"] == check_vectors(vectors)
        assert pointer.run.endswith(f"-{pointer.family}")


def test_no_artifact_holds_a_pickle(settings):
    kinds = {path.suffix for path in settings.paths.clean_model.rglob("*") if path.is_file()}
    # MLmodel has no ending; it is YAML
    assert kinds - {".lock", ""} == {
        *(".html", ".json", ".jsonl", ".md", ".npy", ".onnx", ".parquet")
    }


def test_a_retried_publication_changes_nothing(settings):
    before = sorted(settings.paths.runs.rglob("*"))
    state = ServingPointers(settings.paths.serving).state()
    gate(settings, newest_job(settings).name)
    promote(settings, newest_job(settings).name)
    assert sorted(settings.paths.runs.rglob("*")) == before
    assert ServingPointers(settings.paths.serving).state() == state


def pretend(settings, **facts):
    """Let the serving run of gbc say other things of itself; return its name."""
    run = ServingPointers(settings.paths.serving).of("gbc").run
    newer = f"{run[:-4]}-later-gbc"
    shutil.copytree(settings.paths.runs / run, settings.paths.runs / newer)
    manifest = settings.paths.runs / newer / runs.MANIFEST
    written = read_json(manifest)
    written["dataset"] |= facts.pop("dataset", {})
    write_json(manifest, written | facts)
    ServingPointers(settings.paths.serving).promote("gbc", newer, datetime.now(UTC))
    return newer


def serving_after_publishing(settings):
    gate(settings, newest_job(settings).name)
    promote(settings, newest_job(settings).name)
    return ServingPointers(settings.paths.serving).of("gbc").run


def test_a_run_that_was_trained_later_goes_on_serving(settings, caplog):
    newer = pretend(settings, trained_at="2999-01-01T00:00:00.000000Z")
    with caplog.at_level(logging.WARNING):
        assert serving_after_publishing(settings) == newer
    assert f"{newer} goes on serving" in caplog.text


def test_a_run_of_more_reviews_goes_on_serving_though_trained_before(settings):
    with open_home(settings) as home:
        home.comments.add({"Commentaire": "Très bien", "star": "5"}, "admin").result()
        later = home.store.history.current().version
    newer = pretend(settings, dataset=vars(later), trained_at="2000-01-01T00:00:00.000000Z")
    assert serving_after_publishing(settings) == newer


def test_a_run_of_a_former_base_gives_way_whatever_its_number(settings):
    newer = pretend(settings, dataset={"number": 99, "chain": "f" * 64})
    assert serving_after_publishing(settings) != newer


def test_a_run_that_is_damaged_gives_way(settings):
    newer = pretend(settings, trained_at="2999-01-01T00:00:00.000000Z")
    (settings.paths.runs / newer / "model.onnx").write_bytes(b"")
    assert serving_after_publishing(settings) != newer


def test_every_run_has_its_card_sealed_with_it_as_data_and_as_texts(settings):
    for pointer in ServingPointers(settings.paths.serving).all():
        folder = settings.paths.runs / pointer.run
        wanted = {"card.json", "card.md", "card.html", "card.fr.html"}
        assert wanted <= runs.check(folder)["files"].keys()
        assert read_json(folder / "card.json")["run"] == pointer.run
        text = (folder / "card.md").read_text(encoding="utf-8")
        assert text.startswith(f"# Model card: {pointer.run}\n")
        assert "neither its source nor its company" in text


def test_a_training_notes_its_code_and_how_the_error_fell(settings):
    for family in family_names():
        facts = newest_job(settings).candidate(family).training
        assert facts["code_version"]["satispy"] == satispy.__version__
        curve = facts["learning_curve"]
        assert len(curve["steps"]) == len(curve["held_out"]) == len(curve["learnt"])
        run = newest_job(settings).candidate(family).run_name
        manifest = runs.manifest_of(settings.paths.runs, run)
        assert manifest["code_version"] == facts["code_version"]
        assert "learning_curve" not in manifest


def test_the_reports_are_one_json_per_run_and_one_csv_per_family(settings):
    for family in family_names():
        (path,) = settings.paths.reports.glob(f"*-{family}.json")
        written = json.loads(path.read_text())
        with (settings.paths.reports / f"reporting_{family.upper()}.csv").open() as file:
            lines = list(csv.DictReader(file))
        assert list(lines[0])[:4] == ["Date-Heure", "f1_0", "f1_1", "accuracy"]
        assert float(lines[0]["accuracy"]) == written["accuracy"]
        assert written["rows"] == 1200
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


@pytest.mark.parametrize("place", ["runs", "quarantine"])
def test_what_a_killed_process_left_goes_after_a_day(settings, place):
    left = getattr(settings.paths, place) / ".20260101T000000.000000Z-gbc.4711.0123abcd"
    left.mkdir(parents=True)
    report(settings, newest_job(settings).name)
    assert left.exists()
    old = (datetime.now(UTC) - timedelta(days=2)).timestamp()
    os.utime(left, (old, old))
    report(settings, newest_job(settings).name)
    assert not left.exists()


def test_mistake_2_what_serves_answers_as_what_was_examined(settings):
    """The scores of the report come from the served form, so they can be made again from it."""
    exam = read_side(newest_job(settings).reviews, exam=True)
    for pointer in ServingPointers(settings.paths.serving).all():
        folder = settings.paths.runs / pointer.run
        manifest = runs.check(folder)
        model = OnnxModel.load(
            folder, load_vectors(settings.paths.vectors / manifest["vectors_version"])
        )
        right = (model.predict_proba(exam.words) >= 0.5) == exam.labels
        reported = json.loads((folder / "metrics.json").read_text())["accuracy"]
        assert right.mean() == pytest.approx(reported)

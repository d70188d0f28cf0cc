"""The gate on the real reviews, whose two sources differ as much as sources can."""

import csv
import shutil

import numpy as np
import pyarrow.parquet as pq
import pytest

from satispy.core.settings import Settings
from satispy.workflows.ingest import Delivery, ingest_file
from satispy.workflows.opening import open_home
from satispy.workflows.retraining.evaluate import evaluate
from satispy.workflows.retraining.gate import gate
from satispy.workflows.retraining.jobs import Job
from satispy.workflows.retraining.preprocess import preprocess
from satispy.workflows.retraining.promote import promote
from satispy.workflows.retraining.reviews import read_side
from satispy.workflows.retraining.snapshot import snapshot
from satispy.workflows.retraining.train import train

CUT = 5000


@pytest.fixture
def settings(reviews_folder, tmp_path):
    """A base of two uploads, and word vectors that cost no training."""
    chance = np.random.default_rng(1)
    words = [
        f"{word} {' '.join(f'{one:.3f}' for one in chance.normal(0, 0.1, 4))}" for word in "ab"
    ]
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("\n".join(["2 4", *words, ""]), encoding="utf-8")
    return Settings(home=tmp_path / "home", vectors=vectors)


def upload(settings, path, rows, name):
    with path.open(encoding="utf-8-sig", newline="") as file:
        head, *lines = csv.reader(file)
    part = settings.home.parent / name
    with part.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *lines[rows]])
    with part.open("rb") as content, open_home(settings) as home:
        ingest_file(home, Delivery(content, name, "admin"))


def retrained(settings):
    job = Job.find(settings.paths.jobs, snapshot(settings, "manual"))
    preprocess(settings, job.name)
    return job


@pytest.mark.reviews
def test_a_candidate_that_learnt_from_one_source_only_is_held_by_the_other(
    settings, reviews_folder, monkeypatch
):
    upload(settings, reviews_folder / "data_MAJ.csv", slice(0, CUT), "first.csv")
    job = retrained(settings)
    for step in (lambda *args: train(*args, "svm"), evaluate, gate, promote):
        step(settings, job.name)
    upload(settings, reviews_folder / "data_MAJ.csv", slice(CUT, None), "second.csv")
    job = retrained(settings)

    def of_one_source(files, *, exam, most=None):
        side = read_side(files, exam=exam, most=most)
        if exam:
            return side
        source = {
            row["id"]: row["source"]
            for path in files
            for row in pq.read_table(path, columns=["id", "source"]).to_pylist()
        }
        kept = np.array([source[number] == "TrustedShop" for number in side.ids.tolist()])
        words = [words for words, keep in zip(side.words, kept.tolist(), strict=True) if keep]
        return type(side)(side.ids[kept], words, side.labels[kept], side.total)

    monkeypatch.setattr("satispy.workflows.retraining.train.read_side", of_one_source)
    train(settings, job.name, "svm")
    evaluate(settings, job.name)
    said = gate(settings, job.name)["svm"]
    assert said.startswith("held: ")
    assert "worse within source TrustPilot" in said

    monkeypatch.undo()
    shutil.rmtree(job.candidate("svm").folder)
    train(settings, job.name, "svm")
    evaluate(settings, job.name)
    assert gate(settings, job.name)["svm"].startswith("blessed: ")

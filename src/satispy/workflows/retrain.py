"""One retraining, step by step; each step is one task of the DAG.

Steps pass a job id only. What they hand over lies in ``clean_model/jobs/<job>/``::

    job.json          the DAG run, the dataset version, seed
    reviews.parquet   id, words (a list), label, exam, star, source, company, date
    vectors.json      version of the word vectors
    candidates/gbc/   model.onnx, encoder.json, training.json, then metrics.json

A step that is retried starts over or finds its result written; none leaves a half one.
"""

import importlib.metadata
import logging
import platform
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from satispy.core.clock import Clock, date_heure, iso, stamp, system_clock
from satispy.core.errors import NotFound, TrainingImpossible
from satispy.core.files import folder_written_once, read_json, write_json
from satispy.core.plan import Plan, load_plan
from satispy.core.settings import Settings
from satispy.core.types import label_of_star
from satispy.data.snapshot import read_snapshot
from satispy.evaluation.metrics import details, headline
from satispy.evaluation.split import is_exam
from satispy.features.text import TEXT_VERSION, tokenize
from satispy.features.wiki2vec import coverage
from satispy.models.base import TrainingData
from satispy.models.catalog import family_class, family_names
from satispy.models.serving import OnnxModel
from satispy.registry import runs
from satispy.registry.reports import write_report
from satispy.registry.serving import ServingPointers
from satispy.workflows.opening import open_home
from satispy.workflows.vectors import vectors_for_training, vectors_in_use

JOBS_KEPT = 3
LIBRARIES = ("satispy", "scikit-learn", "tensorflow", "keras", "wikipedia2vec", "onnxruntime")

log = logging.getLogger(__name__)


def snapshot(settings: Settings, dag_run: str, clock: Clock = system_clock) -> str:
    """Fix the dataset version that this run works on; return the job's id.

    Raises
    ------
    TrainingImpossible
        If the base is empty.
    """
    home = open_home(settings, clock)
    version = home.store.current().version
    if version.rows == 0:
        raise TrainingImpossible(
            f"expected reviews in {settings.paths.base}, but it is empty; "
            "upload a CSV with POST /uploadfile"
        )
    moment = clock()
    job = stamp(moment)
    with folder_written_once(settings.paths.jobs / job) as folder:
        write_json(
            folder / "job.json",
            {
                "job": job,
                "dag_run": dag_run,
                "started_at": iso(moment),
                "dataset": {
                    "version": version.number,
                    "end_offset": version.end_offset,
                    "chain": version.chain,
                    "rows": version.rows,
                },
            },
        )
    log.info("job %s: dataset version %d, %d rows", job, version.number, version.rows)
    return job


def preprocess(
    settings: Settings, job: str, *, renew_vectors: bool = False, clock: Clock = system_clock
) -> None:
    """Turn the snapshot into words, labels and the two sides; provide the word vectors."""
    folder = _folder(settings, job)
    number = read_json(folder / "job.json")["dataset"]["version"]
    frame = read_snapshot(settings.paths.base, open_home(settings).store.history(number))
    exam = [is_exam(text) for text in frame["Commentaire"]]
    table = pa.table(
        {
            "id": frame["inID"],
            "words": pa.array([tokenize(text) for text in frame["Commentaire"]], _WORDS),
            "label": pa.array([label_of_star(star) for star in frame["star"]], pa.int8()),
            "exam": exam,
            "star": frame["star"].astype("int8"),
            **{name: frame[name] for name in ("source", "company", "date")},
        }
    )
    pq.write_table(table, folder / "reviews.parquet")
    training_side = frame.loc[~np.array(exam), "Commentaire"].tolist()
    vectors = vectors_for_training(
        settings, training_side, load_plan(), clock(), renew=renew_vectors
    )
    share = coverage(table["words"].to_pylist(), vectors)
    write_json(folder / "vectors.json", {"version": vectors.version, "coverage": share})
    log.info(
        "%d reviews, %d in the exam; vectors know %.1f %% of the words",
        len(frame),
        sum(exam),
        100 * share,
    )


def train(settings: Settings, job: str, family: str, clock: Clock = system_clock) -> None:
    """Train one family on the training side and write it, as it will be served, as candidate."""
    folder = _folder(settings, job)
    target = folder / "candidates" / family
    if target.exists():
        log.info("%s is trained already", family)
        return
    plan = load_plan()
    reviews = _side(folder, exam=False)
    vectors = vectors_in_use(settings, read_json(folder / "vectors.json")["version"])
    data = TrainingData(reviews["words"].to_pylist(), _labels(reviews), vectors)
    began = time.perf_counter()
    model = family_class(family)(_parameters(plan, family), seed=plan.seed).fit(data, log=log.info)
    seconds = time.perf_counter() - began
    with folder_written_once(target) as inside:
        model.save(inside)
        moment = clock()
        write_json(
            inside / "training.json",
            {
                "family": family,
                "trained_at": iso(moment),
                "stamp": stamp(moment),
                "train_seconds": round(seconds, 3),
                "train_rows": len(data.labels),
                "seed": plan.seed,
                "parameters": _parameters(plan, family),
                "vectors_version": vectors.version,
                "text_version": TEXT_VERSION,
                "libraries": _versions(),
            },
        )
    log.info("%s trained on %d reviews in %.1f s", family, len(data.labels), seconds)


def evaluate(settings: Settings, job: str) -> None:
    """Let every candidate sit the exam, in the form in which it will be served."""
    folder = _folder(settings, job)
    exam = _side(folder, exam=True)
    labels = _labels(exam)
    if set(labels.tolist()) != {0, 1}:
        raise TrainingImpossible(
            f"expected reviews of both classes among the {len(labels)} of the exam, but found the "
            f"labels {sorted(set(labels.tolist()))}; upload more reviews"
        )
    words = exam["words"].to_pylist()
    vectors = vectors_in_use(settings, read_json(folder / "vectors.json")["version"])
    for candidate in _candidates(folder):
        answers = OnnxModel.load(candidate, vectors).predict_proba(words)
        scores = headline(labels, answers)
        write_json(
            candidate / "metrics.json",
            {
                "accuracy": scores.accuracy,
                "f1_0": scores.f1_0,
                "f1_1": scores.f1_1,
                "exam_rows": len(labels),
                "details": details(labels, answers),
            },
        )
        log.info("%s: accuracy %.4f, f1_0 %.4f, f1_1 %.4f", candidate.name, *vars(scores).values())


def publish(settings: Settings, job: str, clock: Clock = system_clock) -> None:
    """Seal each evaluated candidate as a run, try it, then move its family's pointer."""
    folder = _folder(settings, job)
    facts = read_json(folder / "job.json")
    pointers = ServingPointers(settings.paths.serving)
    vectors = vectors_in_use(settings, read_json(folder / "vectors.json")["version"])
    for candidate in _candidates(folder):
        if not (candidate / "metrics.json").is_file():
            raise NotFound(f"expected {candidate.name} to be evaluated before it is published")
        training = read_json(candidate / "training.json")
        name = runs.run_name(training.pop("stamp"), candidate.name)
        manifest = {"job": job, "dag_run": facts["dag_run"], "dataset": facts["dataset"]}
        run = runs.seal(candidate, settings.paths.runs, name, manifest | training)
        OnnxModel.load(run, vectors).predict_proba([["essai"]])
        pointers.move(candidate.name, name, clock())
        log.info("%s serves %s", name, candidate.name)


def report(settings: Settings, job: str) -> None:
    """Write the scores of the job's runs where people and the page look for them."""
    folder = _folder(settings, job)
    for candidate in _candidates(folder):
        name = runs.run_name(read_json(candidate / "training.json")["stamp"], candidate.name)
        manifest = runs.manifest_of(settings.paths.runs, name)
        trained_at = pd.Timestamp(manifest["trained_at"]).to_pydatetime()
        write_report(
            settings.paths.reports,
            {
                "family": candidate.name,
                "run": name,
                "dag_run": manifest["dag_run"],
                "trained_at": manifest["trained_at"],
                "date_heure": date_heure(trained_at),
                "rows": manifest["dataset"]["rows"],
                "dataset_version": manifest["dataset"]["version"],
                "vectors_version": manifest["vectors_version"],
                "train_seconds": manifest["train_seconds"],
                "train_rows": manifest["train_rows"],
                **read_json(settings.paths.runs / name / "metrics.json"),
            },
        )
    _forget_old_jobs(settings.paths.jobs)


_WORDS = pa.list_(pa.string())


def _folder(settings: Settings, job: str) -> Path:
    folder = settings.paths.jobs / job
    if not (folder / "job.json").is_file():
        raise NotFound(f"no job '{job}' in {settings.paths.jobs}; trigger a new run")
    return folder


def _side(folder: Path, *, exam: bool) -> pa.Table:
    return pq.read_table(
        folder / "reviews.parquet", columns=["words", "label"], filters=[("exam", "==", exam)]
    )


def _labels(reviews: pa.Table) -> Any:
    return reviews["label"].to_numpy().astype(np.int8)


def _parameters(plan: Plan, family: str) -> dict[str, Any]:
    return plan.families.get(family, {})


def _candidates(folder: Path) -> list[Path]:
    """Return the candidates of every family; each must have been trained."""
    found = [folder / "candidates" / family for family in family_names()]
    if missing := [path.name for path in found if not path.is_dir()]:
        raise NotFound(f"expected every family to be trained, but {', '.join(missing)} was not")
    return found


def _versions() -> dict[str, str]:
    names = {"tensorflow": "tensorflow-cpu"}
    found = {"python": platform.python_version()}
    for library in LIBRARIES:
        for distribution in (library, names.get(library, library)):
            try:
                found[library] = importlib.metadata.version(distribution)
            except importlib.metadata.PackageNotFoundError:
                continue
    return found


def _forget_old_jobs(jobs: Path) -> None:
    for folder in sorted(path for path in jobs.iterdir() if path.is_dir())[:-JOBS_KEPT]:
        shutil.rmtree(folder)

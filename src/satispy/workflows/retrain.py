"""One retraining, step by step; each step is one task of the DAG.

Steps pass a job's id only, see `satispy.workflows.jobs`. A step that is retried starts over or
finds its result written; none leaves a half one.
"""

import importlib.metadata
import logging
import platform
import time
from datetime import datetime

from satispy.core.clock import Clock, date_heure, iso, stamp, system_clock
from satispy.core.errors import NotReady, TrainingImpossible
from satispy.core.files import folder_written_once, read_json, write_json
from satispy.core.plan import load_plan
from satispy.core.settings import Settings
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
from satispy.workflows.jobs import Candidate, Job, forget_old_jobs
from satispy.workflows.opening import open_home
from satispy.workflows.vectors import vectors_for_training, vectors_in_use

JOBS_KEPT = 3
LIBRARIES = ("satispy", "scikit-learn", "keras", "wikipedia2vec", "onnxruntime", "numpy")

log = logging.getLogger(__name__)


def snapshot(settings: Settings, dag_run: str, clock: Clock = system_clock) -> str:
    """Fix the dataset version that this run works on; return the job's id.

    Raises
    ------
    TrainingImpossible
        If the base is empty.
    """
    version = open_home(settings, clock).store.current().version
    if version.rows == 0:
        raise TrainingImpossible(
            f"expected reviews in {settings.paths.base}, but it is empty; "
            "upload a CSV with POST /uploadfile"
        )
    job = Job.begin(settings.paths.jobs, dag_run, version, clock())
    log.info("job %s: dataset version %d, %d rows", job.name, version.number, version.rows)
    return job.name


def preprocess(
    settings: Settings, job_name: str, *, renew_vectors: bool = False, clock: Clock = system_clock
) -> None:
    """Turn the snapshot into words, labels and two sides; provide the word vectors.

    Raises
    ------
    BaseDamaged
        If a byte of the snapshot was changed since it was committed.
    """
    job = Job.find(settings.paths.jobs, job_name)
    entries = open_home(settings).store.history(job.dataset.number)
    frame = read_snapshot(settings.paths.base, entries)
    texts = frame["Commentaire"].tolist()
    exam = [is_exam(text) for text in texts]
    words = [tokenize(text) for text in texts]
    job.write_reviews(frame, words, exam)
    training_side = [text for text, examined in zip(texts, exam, strict=True) if not examined]
    vectors = vectors_for_training(
        settings, training_side, load_plan(), clock(), renew=renew_vectors
    )
    known = coverage(words, vectors)
    job.write_vectors(vectors.version, known)
    log.info(
        "%d reviews, %d in the exam; the vectors know %.1f %% of the words",
        len(texts),
        sum(exam),
        100 * known,
    )


def train(settings: Settings, job_name: str, family: str, clock: Clock = system_clock) -> None:
    """Train one family on the training side; write it as it will be served.

    Raises
    ------
    TrainingImpossible
        If there are too few reviews, or only one class.
    """
    job = Job.find(settings.paths.jobs, job_name)
    candidate = job.candidate(family)
    if candidate.folder.exists():
        log.info("%s is trained already", family)
        return
    plan = load_plan()
    parameters = plan.families.get(family, {})
    side = job.reviews(exam=False)
    vectors = vectors_in_use(settings, job.vectors_version)
    data = TrainingData(side.words, side.labels, vectors)
    began = time.perf_counter()
    model = family_class(family)(parameters, seed=plan.seed).fit(data, log=log.info)
    seconds = time.perf_counter() - began
    with folder_written_once(candidate.folder) as folder:
        model.save(folder)
        facts = {
            "family": family,
            "trained_at": iso(clock()),
            "train_seconds": round(seconds, 3),
            "train_rows": len(side.labels),
            "seed": plan.seed,
            "parameters": parameters,
            "vectors_version": vectors.version,
            "text_version": TEXT_VERSION,
            "libraries": _versions(),
        }
        write_json(folder / "training.json", facts)
    log.info("%s trained on %d reviews in %.1f s", family, len(side.labels), seconds)


def evaluate(settings: Settings, job_name: str) -> None:
    """Let every candidate sit the exam, in the form in which it will be served.

    Raises
    ------
    TrainingImpossible
        If the exam lacks a class.
    """
    job = Job.find(settings.paths.jobs, job_name)
    exam = job.reviews(exam=True)
    present = sorted(set(exam.labels.tolist()))
    if present != [0, 1]:
        raise TrainingImpossible(
            f"expected reviews of both classes among the {len(exam.labels)} of the exam, but "
            f"found the labels {present}; upload more reviews"
        )
    vectors = vectors_in_use(settings, job.vectors_version)
    for candidate in job.candidates(family_names()):
        answers = OnnxModel.load(candidate.folder, vectors).predict_proba(exam.words)
        scores = vars(headline(exam.labels, answers))
        further = {"exam_rows": len(exam.labels), "details": details(exam.labels, answers)}
        write_json(candidate.metrics_file, scores | further)
        shown = ", ".join(f"{name} {score:.4f}" for name, score in scores.items())
        log.info("%s: %s", candidate.family, shown)


def publish(settings: Settings, job_name: str, clock: Clock = system_clock) -> None:
    """Seal each evaluated candidate as a run, try it, then move its family's pointer.

    Raises
    ------
    NotReady
        If a candidate did not sit the exam: what is not judged does not serve.
    """
    job = Job.find(settings.paths.jobs, job_name)
    pointers = ServingPointers(settings.paths.serving)
    vectors = vectors_in_use(settings, job.vectors_version)
    candidates = job.candidates(family_names())
    if unjudged := [one.family for one in candidates if not one.metrics_file.is_file()]:
        raise NotReady(f"expected {', '.join(unjudged)} to be evaluated before it is published")
    of_job = {"job": job.name, "dag_run": job.dag_run, "dataset": vars(job.dataset)}
    for candidate in candidates:
        name = _run_name(candidate)
        run = runs.seal(candidate.folder, settings.paths.runs, name, of_job | candidate.training)
        OnnxModel.load(run, vectors).predict_proba([["essai"]])
        pointers.move(candidate.family, name, clock())
        log.info("%s serves %s", name, candidate.family)


def report(settings: Settings, job_name: str) -> None:
    """Write the scores of the job's runs where people and the page look for them."""
    job = Job.find(settings.paths.jobs, job_name)
    for candidate in job.candidates(family_names()):
        name = _run_name(candidate)
        manifest = runs.manifest_of(settings.paths.runs, name)
        copied = ("family", "dag_run", "trained_at", "vectors_version", "train_seconds")
        write_report(
            settings.paths.reports,
            {
                **{fact: manifest[fact] for fact in copied},
                "run": name,
                "date_heure": date_heure(datetime.fromisoformat(manifest["trained_at"])),
                "rows": manifest["dataset"]["rows"],
                "train_rows": manifest["train_rows"],
                "dataset_version": manifest["dataset"]["number"],
                **read_json(settings.paths.runs / name / "metrics.json"),
            },
        )
    forget_old_jobs(settings.paths.jobs, JOBS_KEPT)


def _run_name(candidate: Candidate) -> str:
    """Return a name that a retry finds again: it stands on the moment of training."""
    trained_at = datetime.fromisoformat(candidate.training["trained_at"])
    return runs.run_name(stamp(trained_at), candidate.family)


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for distribution in importlib.metadata.distributions():
        name = distribution.metadata["Name"]
        if name in LIBRARIES or name.startswith("tensorflow"):
            found[name] = distribution.version
    return found

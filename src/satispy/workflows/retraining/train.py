"""Train one family on the training side; write it as it will be served."""

import importlib.metadata
import logging
import math
import platform
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from satispy.core.clock import Clock, iso, system_clock
from satispy.core.code_version import code_version
from satispy.core.files import folder_written_once, write_json
from satispy.core.plan import load_plan
from satispy.core.settings import Settings
from satispy.features.text import TEXT_VERSION
from satispy.features.vectors import check_vectors, load_vectors
from satispy.models.base import TrainingData
from satispy.models.catalog import family_class, family_names
from satispy.models.held_out import HeldOut
from satispy.models.mlmodel import write_mlmodel
from satispy.registry import runs
from satispy.workflows.retraining.exam_sheet import HELD_OUT
from satispy.workflows.retraining.jobs import Job
from satispy.workflows.retraining.memory import (
    UNKNOWN_MIB,
    default_budget_mib,
    grown_peak_mib,
    peak_mib,
    room_for,
)
from satispy.workflows.retraining.priority import give_way, seconds_of_last
from satispy.workflows.retraining.reviews import Side, read_side

LIBRARIES = ("satispy", "scikit-learn", "keras", "wikipedia2vec", "onnxruntime", "numpy")

ASKED = 10_000
"""Comments of the exam, at most, that the written model must answer as the trained one."""

log = logging.getLogger(__name__)


def train_beside_others(settings: Settings, job_name: str, family: str) -> None:
    """Train one family in a process of its own, while others train the other families.

    Raises
    ------
    TrainingImpossible, ArtifactDamaged
        As `train`.
    """
    give_way(family, seconds_of_last(settings.paths.runs, family_names()))
    train(settings, job_name, family)


def train(settings: Settings, job_name: str, family: str, clock: Clock = system_clock) -> None:
    """Train one family on the training side; write it as it will be served.

    Raises
    ------
    TrainingImpossible
        If there are too few reviews, or only one class.
    ArtifactDamaged
        If the word vectors disagree with their card.
    """
    job = Job.find(settings.paths.jobs, job_name)
    candidate = job.candidate(family)
    plan = load_plan(settings.plan)
    vectors_folder = settings.paths.vectors / job.vectors_version
    made_with: dict[str, Any] = {
        "seed": plan.seed,
        "parameters": plan.families.get(family, {}),
        "vectors_version": job.vectors_version,
        "vectors_sha256": check_vectors(vectors_folder),
        "text_version": TEXT_VERSION,
    }
    if candidate.is_trained(made_with):
        log.info("%s is trained already", family)
        return
    if candidate.folder.exists():
        log.info("%s was trained otherwise and is trained anew", family)
        shutil.rmtree(candidate.folder)
    budget = settings.training_memory_mb or default_budget_mib()
    most = made_with["parameters"].get("max_rows", math.inf)
    wanted = _expected_peak_mib(settings, family, job.dataset.rows, most)
    with room_for(wanted, settings.paths.clean_model, budget_mib=budget):
        kind = family_class(family)
        model = kind(made_with["parameters"], seed=plan.seed)
        side = read_side(job.reviews, exam=False, most=model.params.max_rows)
        vectors = load_vectors(vectors_folder)
        data = TrainingData(side.words, side.labels, vectors)
        began, processor = time.perf_counter(), time.process_time()
        model.fit(data, log=log.info)
        seconds = time.perf_counter() - began
        with folder_written_once(candidate.folder) as folder:
            model.save(folder, read_side(job.reviews, exam=True, most=ASKED).words)
            _write_held_out(folder / HELD_OUT, side, model.held_out_)
            moment = clock()
            write_mlmodel(folder, moment)
            facts = {
                "family": family,
                "trained_at": iso(moment),
                "train_seconds": round(seconds, 3),
                "processor_seconds": round(time.process_time() - processor, 3),
                "train_rows": len(side.labels),
                "training_side": side.total,
                "peak_mib": peak_mib(),
                **made_with,
                "vectors_coverage": job.coverage,
                "about": (sys.modules[kind.__module__].__doc__ or "").strip().partition("\n")[0],
                "libraries": _versions(),
                "code_version": code_version(),
                "learning_curve": model.curve_.plain() if model.curve_ else None,
            }
            write_json(folder / "training.json", facts)
    log.info("%s trained on %d reviews in %.1f s", family, len(side.labels), seconds)


def _expected_peak_mib(settings: Settings, family: str, rows: int, most: float) -> int:
    """Return what the family took the last time, grown with the reviews that it learns from."""
    last = runs.last_training(settings.paths.runs, family, "peak_mib")
    if last is None:
        return UNKNOWN_MIB
    name, facts = last
    before = runs.manifest_of(settings.paths.runs, name)["dataset"]["rows"]
    return grown_peak_mib(facts, rows / before, most)


def _write_held_out(path: Path, side: Side, held_out: HeldOut) -> None:
    """Write what the model answered, before it learnt them, to reviews of the training side."""
    rows = held_out.rows
    columns = {
        "id": side.ids[rows],
        "fold": held_out.fold[rows],
        "label": side.labels[rows],
        "probability": held_out.probabilities[rows],
    }
    pq.write_table(pa.table(columns), path)


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for distribution in importlib.metadata.distributions():
        name = distribution.metadata["Name"]
        if name in LIBRARIES or name.startswith("tensorflow"):
            found[name] = distribution.version
    return found

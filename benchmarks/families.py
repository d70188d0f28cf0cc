"""Train a family in a process of its own, so that its peak memory is its own."""

import multiprocessing
import resource
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from satispy.features.vectors import load_vectors
from satispy.models.base import TrainingData
from satispy.models.catalog import family_class
from satispy.models.serving import OnnxModel

Lesson = tuple[Sequence[Sequence[str]], npt.NDArray[np.int8], Path]
"""Token lists, labels, and the folder of the word vectors."""


@dataclass(frozen=True)
class Trained:
    """What came of a training: answers of the served model, seconds, MiB and MB on disk."""

    chances: npt.NDArray[np.float32]
    seconds: float
    peak_mib: float
    artifact_mb: float


def train_and_ask(
    name: str,
    params: Mapping[str, Any],
    seed: int,
    lesson: Lesson,
    questions: Sequence[Sequence[str]],
) -> Trained:
    """Train a family, write it, load it as the server does and let it answer."""
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawned) as pool:
        return pool.submit(_in_child, name, dict(params), seed, lesson, questions).result()


def _in_child(
    name: str,
    params: Mapping[str, Any],
    seed: int,
    lesson: Lesson,
    questions: Sequence[Sequence[str]],
) -> Trained:
    tokens, labels, folder = lesson
    vectors = load_vectors(folder)
    kind = family_class(name)
    began = time.perf_counter()
    family = kind(params, seed=seed).fit(TrainingData(tokens, labels, vectors))
    seconds = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as scratch:
        family.save(Path(scratch))
        chances = OnnxModel.load(Path(scratch), vectors).predict_proba(questions)
        size = sum(path.stat().st_size for path in Path(scratch).iterdir())
    return Trained(chances, seconds, _peak_mib(), size / 1e6)


def _peak_mib() -> float:
    """Return the peak of this process alone; getrusage's holds that of the parent at its start."""
    status = Path("/proc/self/status")
    if status.is_file():  # Linux
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # macOS counts in bytes

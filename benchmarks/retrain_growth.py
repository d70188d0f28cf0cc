"""Features and training at growing bases, each step in a process of its own."""

import itertools
import json
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from served_homes import Figures, apart
from synthetic_reviews import write_reviews

from satispy.core.settings import Settings
from satispy.models.catalog import family_names
from satispy.workflows.ingest import Delivery, ingest_file
from satispy.workflows.opening import open_home
from satispy.workflows.retraining.jobs import Job
from satispy.workflows.retraining.snapshot import snapshot

ONE = 15_700
ROWS_OF_A_FILE = 500_000  # an upload has at most 200 MB
STEP = Path(__file__).with_name("retrain_step.py")


def measure(folder: Path, files: Sequence[Path], times: Sequence[int]) -> list[Figures]:
    """Measure every step at so many times `ONE` rows, with vectors learnt once, at `ONE` rows."""
    vectors, found = folder / "vectors", []
    for factor in times:
        settings = Settings(home=folder / f"home-{factor}", vectors=vectors)
        rows = ONE * factor
        add(settings, files, rows)
        if not vectors.exists():
            (learnt,) = _learn_vectors(settings)
            shutil.copytree(learnt, vectors)
            shutil.rmtree(settings.paths.clean_model)
            snapshot(settings, "bench")
        steps = {"features": _step(settings, "preprocess")}
        for family in family_names():
            steps[family] = _step(settings, "train", family)
            training = Job(max(settings.paths.jobs.iterdir())).candidate(family).training
            steps[family]["learnt"] = training["train_rows"]
        steps["evaluate"] = _step(settings, "evaluate")
        add(settings, files, rows // 100, first=rows)
        steps["features of 1 % more"] = _step(settings, "preprocess")
        found.append({"rows": rows, "steps": steps})
        _tell(found[-1])
        shutil.rmtree(settings.home)
    return found


def add(settings: Settings, files: Sequence[Path], rows: int, *, first: int = 0) -> None:
    """Upload synthetic reviews, and begin a job on all there are."""
    for at in range(first, first + rows, ROWS_OF_A_FILE):
        file = settings.home.parent / "reviews.csv"
        apart(_write, files, min(ROWS_OF_A_FILE, first + rows - at), file, at)
        apart(_upload, settings, file)
        file.unlink()
    snapshot(settings, "bench")


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """Return the slope of a straight line through the logarithms of (size, cost)."""
    sizes, costs = np.log(np.array(points)).T
    return float(np.polyfit(sizes, costs, 1)[0])


def _write(files: Sequence[Path], rows: int, target: Path, first: int) -> None:
    write_reviews(files, rows, target, first=first)


def _upload(settings: Settings, file: Path) -> None:
    with open_home(settings) as home, file.open("rb") as content:
        ingest_file(home, Delivery(content, file.name, "bench"))


def _learn_vectors(settings: Settings) -> list[Path]:
    figures = _step(settings.model_copy(update={"vectors": None}), "preprocess")
    print(f"vectors learnt from {ONE:,} rows: {figures['seconds']:.1f} s")
    return [path for path in settings.paths.vectors.iterdir() if path.is_dir()]


def _step(settings: Settings, *step: str) -> Figures:
    environment = {key: value for key, value in os.environ.items() if "SATISPY" not in key}
    environment["SATISPY_HOME"] = str(settings.home)
    if settings.vectors is not None:
        environment["SATISPY_VECTORS"] = str(settings.vectors)
    done = subprocess.run(
        [sys.executable, STEP, *step], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(step)} ended with {done.returncode}: {done.stderr[-3000:]}")
    found: Figures = json.loads(done.stdout)
    return found


def _tell(found: Figures) -> None:
    print(f"{found['rows']:,} rows:")
    for name, step in found["steps"].items():
        learnt = f", learnt from {step['learnt']:,}" if "learnt" in step else ""
        print(
            f"  {name}: {step['seconds']:.1f} s ({step['processor']:.1f} s of processor time), "
            f"peak {step['peak_mib']:.0f} MiB{learnt}",
            flush=True,
        )


def growth(found: Sequence[Figures]) -> dict[str, Figures]:
    """Return how each step grows with the base: over all sizes, and from each size to the next.

    Processor time is what is fitted: the clock also tells what else the machine did.
    """
    steps = found[0]["steps"]
    answer = {}
    for name in steps:
        points = [(one["rows"], one["steps"][name]["processor"]) for one in found]
        answer[name] = {
            "exponent": exponent(points),
            "between": [
                math.log(after[1] / before[1]) / math.log(after[0] / before[0])
                for before, after in itertools.pairwise(points)
            ],
        }
        if "learnt" in steps[name]:
            first, second = (one["steps"][name] for one in found[:2])
            answer[name]["per_row_learnt"] = math.log(
                second["processor"] / first["processor"]
            ) / math.log(second["learnt"] / first["learnt"])
    return answer

"""What this installation is and does, measured while somebody asks."""

import os
import platform
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from satispy import __version__
from satispy.core.errors import SatispyError
from satispy.registry import runs
from satispy.registry.reports import read_reports
from satispy.workflows.figures.weaknesses import Answered, OfLength, answered, by_length
from satispy.workflows.opening import Home
from satispy.workflows.predict import Predictor

LIBRARIES = ("onnxruntime", "scikit-learn", "numpy", "fastapi")
MIB = 2**20


@dataclass(frozen=True)
class Trained:
    """How long the newest training of a family took, on how many reviews."""

    family: str
    run: str
    seconds: float
    rows: int
    trained_at: str
    dag_run: str


@dataclass(frozen=True)
class Present:
    """An installation, now.

    Attributes
    ----------
    at
        When it was measured.
    machine
        Processors, memory, system.
    versions
        Of the service, Python and what the models run on.
    rows, dataset_version, uploads
        Of the base; None where it cannot be read.
    runs
        Trained models that are kept.
    api_mib
        What the process that answers takes (PSS).
    home_mb
        What base, reports, vectors and models take on the disk, in MB (10^6 bytes).
    trainings
        The newest of each family.
    answers, lengths
        What the models that serve answered; nothing where none serves.
    """

    at: datetime
    machine: str
    versions: dict[str, str]
    rows: int | None
    dataset_version: int | None
    uploads: int | None
    runs: int
    api_mib: float
    home_mb: float
    trainings: list[Trained]
    answers: list[Answered]
    lengths: list[OfLength]


def present(home: Home, predictor: Predictor) -> Present:
    """Measure; what cannot be read is left out, for the rest is worth knowing."""
    paths = home.settings.paths
    base, uploads = None, None
    try:
        base = home.store.history.current().version
        uploads = home.store.history.uploads(limit=1)[1]
    except SatispyError:
        base = None  # GET /status says why
    return Present(
        at=home.clock(),
        machine=machine(),
        versions=versions(),
        rows=base.rows if base else None,
        dataset_version=base.number if base else None,
        uploads=uploads,
        runs=len(runs.names(paths.runs)),
        api_mib=round(_pss() / MIB, 1),
        home_mb=round(sum(map(_taken, (paths.clean_data, paths.clean_model))) / 1e6, 1),
        trainings=trainings(paths.reports),
        answers=answered(paths, predictor),
        lengths=by_length(paths, predictor),
    )


def machine() -> str:
    """Return processors, memory and system, as the benchmarks write them."""
    memory = psutil.virtual_memory().total / 2**30
    return f"{psutil.cpu_count()} x {platform.machine()}, {memory:.0f} GiB, {platform.system()}"


def versions() -> dict[str, str]:
    """Return the versions of the service, of Python and of what answers."""
    found = {"satispy": __version__, "python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def trainings(reports: Path) -> list[Trained]:
    """Return the newest training of each family, families by name."""
    found = read_reports(reports) if reports.is_dir() else []
    newest = {one["family"]: one for one in found}
    return [
        Trained(
            family,
            one["run"],
            float(one["train_seconds"]),
            int(one["rows"]),
            one["trained_at"],
            one["dag_run"],
        )
        for family, one in sorted(newest.items())
    ]


def _pss() -> int:
    """Return the bytes that this process takes; its unique ones where the system has no PSS."""
    memory = psutil.Process().memory_full_info()
    return int(getattr(memory, "pss", memory.uss))


def _taken(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118 - thousands
            except FileNotFoundError:
                continue  # a file in the making that was renamed meanwhile
    return total

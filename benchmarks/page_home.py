"""A home like one after a year: as many reviews and runs as asked for, made from one that trained."""

import os
import random
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from satispy.core.files import read_json, sha256_of, write_json
from satispy.core.settings import Settings
from satispy.demo.reviews import write_reviews
from satispy.workflows.ingest import Delivery, ingest_file
from satispy.workflows.opening import open_home
from satispy.workflows.retraining.whole import retrain

FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def fill(settings: Settings, rows: int, runs: int) -> dict[str, int]:
    """Upload, train once, and copy that training under other names; return what is there."""
    folder = settings.paths.home / "reviews"
    with open_home(settings) as home:
        uploaded = 0
        for path in write_reviews(folder, sizes=(rows,)):
            with path.open("rb") as file:
                uploaded = ingest_file(home, Delivery(file, path.name, "admin")).rows_total
    retrain(settings)
    real = sorted(path.stem for path in settings.paths.reports.glob("*.json"))
    drawn = random.Random(20)
    for number in range(runs - len(real)):
        name = real[number % len(real)]
        when = FIRST + timedelta(hours=20 * number)
        _copy(settings, name, f"{when:%Y%m%dT%H%M%S.000000Z}-{name.partition('-')[2]}", when, drawn)
    reports = len(list(settings.paths.reports.glob("*.json")))
    return {"rows": uploaded, "runs": reports}


def _copy(settings: Settings, old: str, new: str, when: datetime, drawn: random.Random) -> None:
    report = read_json(settings.paths.reports / f"{old}.json")
    moved = {"run": new, "date_heure": f"{when:%Y-%m-%d %H:%M:%S}", "trained_at": when.isoformat()}
    noise = drawn.gauss(0, 0.004)
    scores: dict[str, Any] = {
        name: min(value + noise, 1.0)
        for name, value in report.items()
        if name.startswith(("accuracy", "f1_", "macro_f1"))
    }
    write_json(settings.paths.reports / f"{new}.json", report | moved | scores)
    folder = settings.paths.runs / new
    shutil.copytree(settings.paths.runs / old, folder, copy_function=os.link)
    manifest = read_json(folder / "manifest.json")
    Path(folder / "manifest.json").unlink()
    files = {name: sha256_of(folder / name) for name in manifest["files"]}
    write_json(folder / "manifest.json", manifest | {"run": new, "files": files})

"""A home as after a year: so many reviews and runs, made from one training."""

import csv
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
    """Train once on a small file, upload the other rows, copy the training under other names.

    Returns
    -------
    dict
        How many ``rows`` and ``runs`` there are.
    """
    first = write_reviews(settings.paths.home / "reviews")[0]
    _upload(settings, first)
    retrain(settings, lambda *_step: None)
    total = _upload(settings, _more(first, rows))
    real = sorted(path.stem for path in settings.paths.reports.glob("*.json"))
    drawn = random.Random(20)  # noqa: S311  noise, not a secret
    for number in range(runs - len(real)):
        name = real[number % len(real)]
        when = FIRST + timedelta(hours=20 * number)
        _copy(settings, name, f"{when:%Y%m%dT%H%M%S.000000Z}-{name.partition('-')[2]}", when, drawn)
    return {"rows": total, "runs": len(list(settings.paths.reports.glob("*.json")))}


def _upload(settings: Settings, path: Path) -> int:
    with path.open("rb") as file, open_home(settings) as home:
        return ingest_file(home, Delivery(file, path.name, "admin")).rows_total


def _more(first: Path, rows: int) -> Path:
    """Write the reviews of a file again and again, each with a number, until there are enough."""
    with first.open(encoding="utf-8", newline="") as file:
        known = list(csv.DictReader(file))
    path = first.with_name("more.csv")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(known[0]))
        writer.writeheader()
        for number in range(rows - len(known)):
            one = known[number % len(known)]
            writer.writerow(one | {"Commentaire": f"{one['Commentaire']} ({number})"})
    return path


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

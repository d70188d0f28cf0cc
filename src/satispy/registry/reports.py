"""Reports: one JSON per run and family, and one CSV per family made from them."""

import csv
import io
import logging
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from satispy.core.errors import ArtifactDamaged
from satispy.core.files import read_json, write_atomically, write_json

log = logging.getLogger(__name__)

COLUMNS = ("Date-Heure", "f1_0", "f1_1", "accuracy", "rows", "dataset_version", "run", "dag_run")
"""Columns of ``reporting_<FAMILY>.csv``; the first four are those of the published system."""


def write_report(folder: Path, report: Mapping[str, Any]) -> Path:
    """Write ``<run>.json``, then make the family's CSV anew from all its reports."""
    path = folder / f"{report['run']}.json"
    write_json(path, dict(report))
    family = str(report["family"])
    of_family = [one for one in read_reports(folder) if one["family"] == family]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_line(one) for one in of_family)
    write_atomically(folder / f"reporting_{family.upper()}.csv", buffer.getvalue())
    return path


def read_reports(folder: Path) -> list[dict[str, Any]]:
    """Return all reports, oldest first; one that cannot be read is left out, and logged."""
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append(_read(path, path.stat().st_mtime_ns))
        except ArtifactDamaged:
            log.exception("a report is left out")
    return found


@lru_cache(maxsize=4096)
def _read(path: Path, _changed_at: int) -> dict[str, Any]:
    report: dict[str, Any] = read_json(path)
    return report


def _line(report: Mapping[str, Any]) -> tuple[Any, ...]:
    values = {"Date-Heure": report["date_heure"], **report}
    return tuple(values[name] for name in COLUMNS)

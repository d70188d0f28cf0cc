"""Reports: one JSON per run and family, and one CSV per family made from them."""

import csv
import io
import logging
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from satispy.core.errors import ArtifactDamaged, NotFound
from satispy.core.files import read_json, write_atomically, write_json

_RUN = re.compile(r"[\w.]+-\w+", re.ASCII)  # a name: no path leads out of the folder

log = logging.getLogger(__name__)

COLUMNS = ("Date-Heure", "f1_0", "f1_1", "accuracy", "rows", "dataset_version", "run", "dag_run")
"""Columns of ``reporting_<FAMILY>.csv``; the first four are those of the published system."""


def write_report(folder: Path, report: Mapping[str, Any]) -> Path:
    """Write ``<run>.json``, once, then make the family's CSV anew from all its reports.

    Parameters
    ----------
    folder
        ``clean_data/reports``.
    report
        Its ``run`` names the file. One that is there already stays as it is, for a run is judged
        once; but one that cannot be read is written anew.

    Returns
    -------
    Path
        The JSON file.
    """
    path = folder / f"{report['run']}.json"
    if not _is_whole(path):
        write_json(path, dict(report))
    family = str(report["family"])
    of_family = [one for one in read_reports(folder) if one["family"] == family]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_line(one) for one in of_family)
    write_atomically(folder / f"reporting_{family.upper()}.csv", buffer.getvalue())
    return path


def read_report(folder: Path, run: str) -> dict[str, Any]:
    """Return the whole report of a run.

    Raises
    ------
    NotFound
        If there is none.
    ArtifactDamaged
        If it cannot be read.
    """
    path = folder / f"{run}.json"
    if not _RUN.fullmatch(run) or not path.is_file():
        raise NotFound(f"no report of a run '{run}'; GET /reports lists those that there are")
    return _read(path)


def read_reports(folder: Path) -> list[dict[str, Any]]:
    """Return the single values of all reports, oldest first, without slices and other tables.

    One that cannot be read is left out, and logged.
    """
    return read_all(folder)[0]


def read_all(folder: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Return what `read_reports` does, and the runs whose report cannot be read.

    ``further`` of each report holds the single values of its ``details``.
    """
    found, unreadable = [], []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append(_single_values(path, path.stat().st_mtime_ns))
        except ArtifactDamaged:
            log.exception("a report is left out")
            unreadable.append(path.stem)
    return found, unreadable


@lru_cache(maxsize=4096)
def _single_values(path: Path, _changed_at: int) -> dict[str, Any]:
    report = _read(path)
    details = report.get("details")
    known = details.items() if isinstance(details, dict) else ()
    further = {name: one for name, one in known if not isinstance(one, dict | list)}
    single = {name: value for name, value in report.items() if not isinstance(value, dict)}
    return single | {"further": further}


def _read(path: Path) -> dict[str, Any]:
    report = read_json(path)
    if not isinstance(report, dict) or "family" not in report:
        raise ArtifactDamaged(
            f"expected a report in {path}, but it names no family; restore the file, or remove it "
            "and clear the task report of its run"
        )
    return report


def _is_whole(path: Path) -> bool:
    try:
        return path.is_file() and bool(_read(path))
    except ArtifactDamaged:
        log.exception("a report is written anew")
        return False


def _line(report: Mapping[str, Any]) -> tuple[Any, ...]:
    values = {"Date-Heure": report["date_heure"], **report}
    return tuple(values[name] for name in COLUMNS)

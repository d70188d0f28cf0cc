"""The table of trainings: the same cells for the screen and for the CSV file."""

import csv
import io
import json
from collections.abc import Sequence

from reviews_ui.api.reports import Reports, Training
from reviews_ui.i18n import decimal, moment, percent, speaking, t, whole
from reviews_ui.metrics import ALL

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
ENDS = ("", "_low", "_high")
LEADING = ("date_heure", "family")
TRAILING = ("rows", "dataset_version", "train_seconds", "dag_run", "run")


def columns(metrics: Sequence[str]) -> list[str]:
    """Return the column titles, in French but for the scores, which keep their names."""
    return [
        *(t(f"table.{name}") for name in LEADING),
        *metrics,
        *(t(f"table.{name}") for name in TRAILING),
    ]


def kinds(metrics: Sequence[str]) -> list[str]:
    """Return the style class of each column: names to the left, numbers to the right."""
    number, name = "sp-num", "sp-name"
    return ["", "", *(number for _ in metrics), number, number, number, name, name]


def shown(item: Training, metrics: Sequence[str]) -> list[str]:
    """Return one row as the screen writes it."""
    return [
        moment(item.date_heure),
        item.family.upper(),
        *(percent(item.scores[metric]) for metric in metrics),
        whole(item.rows),
        str(item.dataset_version),
        decimal(item.train_seconds),
        item.dag_run,
        item.run,
    ]


def inert(text: str) -> str:
    """Return text that a spreadsheet will not take for a formula (CWE-1236)."""
    return "'" + text if text.startswith(FORMULA_STARTS) else text


def to_csv(reports: Reports, language: str) -> bytes:
    """Return all trainings, newest first, as a CSV file that spreadsheets read as UTF-8.

    Titles are in the visitor's language. Numbers are written for programs (decimal point, fractions
    of 1), each score with the ends of its interval, empty where the report has none; text that
    would start a formula gets an apostrophe in front.
    """
    known = [name for name in ALL if any(name in item.scores for item in reports.items)]
    scores = list(dict.fromkeys((*reports.metrics, *known)))
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    with speaking(language):
        writer.writerow(columns([f"{name}{end}" for name in scores for end in ENDS]))
    for item in reports.newest_first():
        writer.writerow(
            [
                inert(item.date_heure),
                inert(item.family.upper()),
                *(cell for name in scores for cell in _sure(item, name)),
                item.rows,
                item.dataset_version,
                item.train_seconds,
                inert(item.dag_run),
                inert(item.run),
            ]
        )
    return buffer.getvalue().encode("utf-8-sig")


def to_json(reports: Reports) -> bytes:
    """Return all trainings, oldest first, for programs."""
    items = [
        {**vars(item), "ends": {name: list(ends) for name, ends in item.ends.items()}}
        for item in reports.items
    ]
    body = {"threshold": reports.threshold, "items": items}
    return json.dumps(body, ensure_ascii=False, indent=1).encode()


def _sure(item: Training, name: str) -> tuple[float | None, ...]:
    return (item.scores.get(name), *item.ends.get(name, (None, None)))

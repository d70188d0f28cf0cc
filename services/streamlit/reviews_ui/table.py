"""The table of trainings: the same cells for the screen and for the CSV file."""

import csv
import io
from collections.abc import Sequence

from reviews_ui.api.reports import Reports, Training
from reviews_ui.i18n import decimal, moment, percent, t, whole

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
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


def newest_first(reports: Reports) -> list[Training]:
    """Return the trainings as the table lists them."""
    return list(reversed(reports.items))


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


def to_csv(reports: Reports) -> bytes:
    """Return all trainings, newest first, as a CSV file that spreadsheets read as UTF-8.

    Numbers are written for programs (decimal point, fractions of 1); text that would start a
    formula gets an apostrophe in front.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns(reports.metrics))
    for item in newest_first(reports):
        writer.writerow(
            [
                inert(item.date_heure),
                inert(item.family.upper()),
                *(item.scores[metric] for metric in reports.metrics),
                item.rows,
                item.dataset_version,
                item.train_seconds,
                inert(item.dag_run),
                inert(item.run),
            ]
        )
    return buffer.getvalue().encode("utf-8-sig")

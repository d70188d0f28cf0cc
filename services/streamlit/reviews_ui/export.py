"""The answer for one text as a file: for a spreadsheet, and for a program."""

import csv
import io
import json
from dataclasses import asdict

from reviews_ui.api.predictions import Answer
from reviews_ui.table import inert

COLUMNS = ("text", "family", "champion", "label", "probability", "model_version", "prediction_id")


def as_csv(answer: Answer) -> bytes:
    """Return one row per family, as a CSV file that spreadsheets read as UTF-8 and do not run."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in answer.predictions:
        writer.writerow(
            [
                inert(answer.text),
                inert(one.family),
                "yes" if one.family == answer.champion else "",
                one.label,
                one.probability,
                inert(one.model_version),
                inert(answer.prediction_id or ""),
            ]
        )
    return buffer.getvalue().encode("utf-8-sig")


def as_json(answer: Answer) -> bytes:
    """Return all that was answered, with what each word contributes."""
    return json.dumps(asdict(answer), ensure_ascii=False, indent=2).encode()

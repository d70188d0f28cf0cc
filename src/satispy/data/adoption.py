"""An existing ``data_MAJ.csv`` taken as the base, byte for byte."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from satispy.core.errors import BaseDamaged, InvalidInput
from satispy.data.base_rows import AS_IT_STANDS, records_between
from satispy.data.review_file import ReviewFile
from satispy.data.schema import HEADER

_ID = re.compile(r"0|[1-9][0-9]{0,17}")


@dataclass(frozen=True)
class Adoptable:
    """What a file that may be the base holds."""

    rows: int
    last_id: int
    size: int


def adoptable(base: Path) -> Adoptable:
    """Check that a file is what the base would be if we had written it.

    Raises
    ------
    BaseDamaged
        If it has another header, a bad row, an ``inID`` twice, or breaks off.
    """
    size = base.stat().st_size
    try:
        wrong, rows = _wrong_row(base)
        wrong = _wrong_form(base, size) or wrong
        ids = [] if wrong else _ids(base, size)
    except InvalidInput as error:
        wrong = str(error)
    except csv.Error as error:
        wrong = f"it is no CSV: {error}"
    except ValueError as error:
        wrong = f"expected whole numbers of at most 18 digits in inID, but found {error}"
    if not wrong and len(set(ids)) != len(ids):
        wrong = "expected each inID once"
    if wrong:
        raise BaseDamaged(
            f"{base} cannot be adopted as the base: {wrong}. Correct it, or move it away and "
            "upload it with POST /uploadfile: its rows are then normalised and numbered."
        )
    return Adoptable(rows, max(ids, default=-1), size)


def _wrong_form(base: Path, size: int) -> str:
    with base.open("rb") as file:
        first = file.readline()
        file.seek(max(0, size - 1))
        last = file.read()
    if first != HEADER:
        return (
            f"expected the first line {HEADER.decode().strip()}, in UTF-8 without byte-order mark "
            f"and with LF line ends, but found {first[:120]!r}"
        )
    return "" if last == b"\n" else "expected a line end after the last row"


def _wrong_row(base: Path) -> tuple[str, int]:
    """Return what is wrong with the first bad row, and the number of rows."""
    wrong, rows = "", 0
    with base.open("rb") as file:
        for batch in ReviewFile(file, AS_IT_STANDS):
            rows += len(batch.rows) + len(batch.bad)
            if batch.bad and not wrong:
                bad = batch.bad[0]
                wrong = f"line {bad.line}, {bad.column or 'row'}: {bad.reason}"
    return wrong, rows


def _ids(base: Path, size: int) -> list[int]:
    ids = []
    for record in records_between(base, 0, size):
        if _ID.fullmatch(record.cells[0]) is None:
            raise ValueError(f"{record.cells[0][:40]!r} at byte {record.start}")
        ids.append(int(record.cells[0]))
    return ids

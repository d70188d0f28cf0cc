"""An existing ``data_MAJ.csv`` taken as the base, byte for byte."""

import codecs
import csv
import re
from dataclasses import dataclass
from pathlib import Path

from satispy.core.errors import BaseDamaged, InvalidInput
from satispy.data.base_file import read_range
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
    ids: set[int] = set()
    rows = 0
    try:
        wrong, rows = _wrong_row(base)
        wrong = _wrong_form(base, size) or wrong or _wrong_id(base, size, ids)
    except InvalidInput as error:
        wrong = str(error)
    except csv.Error as error:
        wrong = f"it is no CSV: {error}"
    if wrong:
        raise BaseDamaged(
            f"{base} cannot be adopted as the base: {wrong.rstrip('.')}. Correct it; or copy it "
            "aside, bring the base back with satispy data restore --from BACKUP (where there never "
            "was one, move the file away), then upload the copy with POST /uploadfile: its rows "
            "are then normalised and numbered."
        )
    return Adoptable(rows, max(ids, default=-1), size)


def _wrong_form(base: Path, size: int) -> str:
    with base.open("rb") as file:
        first = file.readline()
        file.seek(max(0, size - 1))
        last = file.read()
    if first != HEADER:
        return (
            f"expected the first line {HEADER.decode().strip()}, in UTF-8 and with LF line ends, "
            f"but {_how_it_begins(first)}"
        )
    return "" if last == b"\n" else "expected a line end after the last row"


def _how_it_begins(first: bytes) -> str:
    if first.startswith(codecs.BOM_UTF8):
        return "the file starts with a byte-order mark, as 'CSV UTF-8' of Excel does"
    if first.strip() == HEADER.strip().replace(b",", b";"):
        return "its cells are separated by semicolons, as Excel does in French"
    if first.strip() == HEADER.strip():
        return "its lines end with CR LF, as on Windows"
    return f"found '{first[:120].decode(errors='replace').strip()}'"


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


def _wrong_id(base: Path, size: int, ids: set[int]) -> str:
    """Gather the ids; return what is wrong with the first bad one."""
    for record in records_between(base, 0, size):
        given = record.cells[0]
        if _ID.fullmatch(given) is None:
            return (
                f"line {_line(base, record.start)}: expected a whole number of at most 18 digits "
                f"in inID, but found {given[:40]!r}"
            )
        if int(given) in ids:
            return f"line {_line(base, record.start)}: inID {given} stands twice"
        ids.add(int(given))
    return ""


def _line(base: Path, byte: int) -> int:
    with base.open("rb") as file:
        return 1 + sum(piece.count(b"\n") for piece in read_range(file, 0, byte))

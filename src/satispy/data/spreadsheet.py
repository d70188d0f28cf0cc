"""Cells that a spreadsheet would run, made harmless in what people download, and back again.

After OWASP, "CSV Injection". The base itself is never changed: only what leaves for a spreadsheet.
One apostrophe goes before a cell of any number of apostrophes and a dangerous character. Counting
the apostrophes in makes this a bijection: each cell has one neutralised form, and that one back.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TextIO

DANGEROUS: Final = "=+-@\t\r\n＝＋－＠"
"""First characters that make a spreadsheet take a cell for a formula, or end it early."""

_CLASS: Final = f"[{re.escape(DANGEROUS)}]"
_TO_NEUTRALISE: Final = re.compile(f"'*{_CLASS}")
_TO_RESTORE: Final = re.compile(f"'+{_CLASS}")
_PIECE: Final = 1 << 16

# Outside quotes a line feed ends the row, so it is no content there.
_UNQUOTED: Final = f"[{re.escape(DANGEROUS.replace(chr(10), ''))}]"
_CELL_BEGINS: Final = re.compile(f"[,\n](?:\"'*(?={_CLASS})|'*(?={_UNQUOTED}))")
_CELL_BEGAN: Final = re.compile(r"([,\n]\"?)'*\Z")


def neutralised(cell: str) -> str:
    """Return what may stand in a spreadsheet for a cell; `restored` undoes it."""
    return f"'{cell}" if _TO_NEUTRALISE.match(cell) else cell


def restored(cell: str) -> str:
    """Return the cell that `neutralised` was given."""
    return cell[1:] if _TO_RESTORE.match(cell) else cell


def neutralised_csv(source: Path | TextIO) -> Iterator[bytes]:
    """Yield a CSV file with each cell neutralised, its header included.

    The text is passed on as it is but for the apostrophes, so its quoting stays, cells of any
    length need no more memory than one piece, and ``csv.field_size_limit`` does not apply.

    Parameters
    ----------
    source
        A file as we write it: UTF-8, comma, LF, and quotes around each cell with a comma, a quote
        or a line end. A file object must have been opened with ``newline=""``.

    Yields
    ------
    bytes
        UTF-8, about 64 KiB at a time.

    Notes
    -----
    A spreadsheet that is told, or guesses, another separator cuts the cells elsewhere: the
    part behind a semicolon may then begin with a formula. No prefix can prevent that.
    """
    if isinstance(source, Path):
        with source.open(encoding="utf-8", newline="") as file:
            yield from neutralised_csv(file)
        return
    # What was passed on last, if a cell begins with it: as if the file came after a line end.
    lead, quoted = "\n", False
    while piece := source.read(_PIECE):
        text = lead + piece
        yield _neutralised_text(text, len(lead), quoted=quoted).encode()
        began = _CELL_BEGAN.search(text)
        lead = began[1] if began else ""
        quoted ^= text.count('"', 0, began.start() if began else None) % 2 == 1


def _neutralised_text(text: str, start: int, *, quoted: bool) -> str:
    """Return `text` from `start` on with its cells neutralised.

    `quoted` tells whether quotes are open where it begins. An apostrophe more behind those that a
    cell begins with is as good as one before them, which may have been passed on already.
    """
    parts: list[str] = []
    counted = 0
    for begins in _CELL_BEGINS.finditer(text):
        quoted ^= text.count('"', counted, begins.start()) % 2 == 1
        counted = begins.start()
        if not quoted:
            parts += text[start : begins.end()], "'"
            start = begins.end()
    return "".join((*parts, text[start:]))

"""The first rows of a file, as this page can read them; the API alone says what the file is."""

import csv
import io
from dataclasses import dataclass

BYTES = 65_536
ROWS = 5
SEPARATORS = ",;\t"


@dataclass(frozen=True)
class Preview:
    """Header and first rows, all of the same width."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def of(content: bytes) -> Preview | None:
    """Return the first rows of a CSV file; None where it does not look like one."""
    try:
        # What the cut left of a character at the end is no fault of the file.
        text = content[:BYTES].decode("utf-8-sig", "strict" if len(content) <= BYTES else "ignore")
    except UnicodeDecodeError:
        return None
    if "\0" in text:
        return None
    separator = ","
    if text.startswith("sep="):
        first, _, text = text.partition("\n")
        separator = first.strip()[4:] or ","
    else:
        first = text.partition("\n")[0]
        separator = max(SEPARATORS, key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except (csv.Error, TypeError):
        return None
    if len(content) > BYTES:
        lines.pop()  # may be cut in the middle
    lines = [line for line in lines if any(line)]
    if not lines or len(lines[0]) < 2:
        return None
    width = len(lines[0])
    rows = (tuple((line + [""] * width)[:width]) for line in lines[1 : ROWS + 1])
    return Preview(tuple(lines[0]), tuple(rows))

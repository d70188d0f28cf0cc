"""Bad rows, set aside with the reason, so that nothing received is lost."""

import csv
import io
from pathlib import Path

from satispy.core.files import write_atomically
from satispy.data.parsing import ParsedFile


def write_quarantine(folder: Path, upload_id: str, parsed: ParsedFile) -> Path | None:
    """Write ``<upload_id>.csv``: line, column and reason, then the cells as received.

    Returns
    -------
    Path or None
        The file, or None where no row was bad.
    """
    if not parsed.bad:
        return None
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(("line", "column", "reason", *parsed.header))
    writer.writerows((bad.line, bad.column, bad.reason, *bad.cells) for bad in parsed.bad)
    path = folder / f"{upload_id}.csv"
    write_atomically(path, buffer.getvalue())
    return path

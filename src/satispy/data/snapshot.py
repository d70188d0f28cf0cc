"""A version of the base as a table: the bytes of its prefix, checked against the chain."""

import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from satispy.core.errors import BaseDamaged
from satispy.data.ledger import Entry, link
from satispy.data.schema import COLUMNS
from satispy.data.store import NO_CHAIN


def read_snapshot(base: Path, entries: Sequence[Entry]) -> pd.DataFrame:
    """Read the version of the base that `entries` (0 to n, oldest first) make up.

    Returns
    -------
    pandas.DataFrame
        Shape (rows, 8): ``inID`` and ``star`` as int64, the other columns as text.

    Raises
    ------
    BaseDamaged
        If a byte of the prefix was changed since it was committed.
    """
    with base.open("rb") as file:
        content = file.read(entries[-1].end_offset)
    chain, start = NO_CHAIN, 0
    for entry in entries:
        chain = link(chain, content[start : entry.end_offset])
        if chain != entry.chain or len(content) < entry.end_offset:
            raise BaseDamaged(
                f"{base} was changed between bytes {start} and {entry.end_offset} (dataset version "
                f"{entry.number}) after they were committed; restore it from a backup"
            )
        start = entry.end_offset
    frame = pd.read_csv(
        io.BytesIO(content), dtype=str, keep_default_na=False, na_filter=False, engine="c"
    )
    frame = frame[list(COLUMNS)]
    frame["inID"] = frame["inID"].astype("int64")
    frame["star"] = (
        frame["star"].str.strip().str[0].astype("int64")
    )  # "5", "5.0": checked on the way in
    if len(frame) != entries[-1].rows_total:
        raise BaseDamaged(
            f"expected {entries[-1].rows_total} rows in version {entries[-1].number} of {base}, "
            f"but read {len(frame)}"
        )
    return frame

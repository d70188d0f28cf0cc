"""A version of the base as a table: the bytes of its prefix, checked against the chain."""

import io
from typing import BinaryIO

import pandas as pd

from satispy.core.errors import BaseDamaged
from satispy.data.base_file import first_damage, read_range
from satispy.data.guard import changed_by_hand
from satispy.data.ledger import Entry
from satispy.data.schema import COLUMNS
from satispy.data.store import ReviewStore


def read_snapshot(store: ReviewStore, number: int) -> pd.DataFrame:
    """Read a version of the base.

    Returns
    -------
    pandas.DataFrame
        Shape (rows, 8): ``inID`` and ``star`` as int64, the other columns as text.

    Raises
    ------
    NotFound
        If there is no such version.
    VersionErased
        If its bytes are gone.
    BaseDamaged
        If a byte of it was changed since it was committed.
    """
    content = io.BytesIO()
    rows = copy_version(store, number, content).rows_total
    content.seek(0)
    frame = pd.read_csv(content, dtype=str, keep_default_na=False, na_filter=False, engine="c")
    frame = frame[list(COLUMNS)]
    frame["inID"] = frame["inID"].astype("int64")
    frame["star"] = (
        frame["star"].str.strip().str[0].astype("int64")
    )  # "5", "5.0": checked on the way in
    if len(frame) != rows:
        raise BaseDamaged(
            f"expected {rows} rows in version {number} of {store.file.path}, but read {len(frame)}"
        )
    return frame


def copy_version(store: ReviewStore, number: int, out: BinaryIO) -> Entry:
    """Write the bytes of a version, every one as committed; errors as in `read_snapshot`."""
    store.guard.settle()
    entry = store.history.version(number)
    entries, chain = store.history.prefix(entry)
    store.file.stat()
    with store.file.path.open("rb") as file:
        damage = first_damage(file, entries, chain)
        if damage is not None:
            store.history.version(number)  # a new generation may have come in between
            raise changed_by_hand(store.file, damage)
        for piece in read_range(file, 0, entry.end_offset):
            out.write(piece)
    return entry

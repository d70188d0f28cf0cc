"""A version of the base as a table: the bytes of its prefix, checked against the chain.

pandas is loaded by the functions that answer with it: the API imports this module to copy versions,
and 40 MiB of its memory and a quarter of its start would be pandas.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

from satispy.core.errors import BaseDamaged
from satispy.data.base_file import first_damage, read_range
from satispy.data.base_rows import slice_of
from satispy.data.ledger import Entry
from satispy.data.schema import COLUMNS, HEADER
from satispy.data.store import ReviewStore

if TYPE_CHECKING:
    import pandas as pd

ROWS_AT_ONCE = 50_000
_AS_WRITTEN: dict[str, Any] = {
    "dtype": str,
    "keep_default_na": False,
    "na_filter": False,
    "engine": "c",
}


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
    import pandas as pd

    frames = list(read_rows(store, number))
    empty = pd.read_csv(io.BytesIO(HEADER), **_AS_WRITTEN)
    return pd.concat(frames, ignore_index=True) if frames else _typed(empty)


def read_rows(
    store: ReviewStore, number: int, *, after: int | None = None, at_once: int = ROWS_AT_ONCE
) -> Iterator[pd.DataFrame]:
    """Read the rows of a version, or those that came after an earlier one, a part at a time.

    Parameters
    ----------
    store
        Whose base it is.
    number
        The version.
    after
        An earlier version of the same generation, whose rows are left out; None leaves out none.
    at_once
        Rows in a part.

    Yields
    ------
    pandas.DataFrame
        Columns as in `read_snapshot`, whose errors are those of this function: every byte of the
        version is compared with the ledger before the first part comes.
    """
    import pandas as pd

    with _verified(store, number) as (file, entry):
        start, expected, found = len(HEADER), entry.rows_total, 0
        if after is not None:
            earlier = store.history.version(after)
            start, expected = earlier.end_offset, expected - earlier.rows_total
        part = slice_of(file, start, entry.end_offset, before=HEADER)
        with pd.read_csv(part, chunksize=at_once, **_AS_WRITTEN) as frames:
            for frame in frames:
                found += len(frame)
                yield _typed(frame)
        if found != expected:
            raise BaseDamaged(
                f"expected {expected} rows in version {number} of {store.file.path}, but read "
                f"{found}"
            )


def copy_version(store: ReviewStore, number: int, out: BinaryIO) -> Entry:
    """Write the bytes of a version, every one as committed; errors as in `read_snapshot`."""
    with _verified(store, number) as (file, entry):
        for piece in read_range(file, 0, entry.end_offset):
            out.write(piece)
    return entry


@contextmanager
def _verified(store: ReviewStore, number: int) -> Iterator[tuple[BinaryIO, Entry]]:
    """Open the base once every byte of a version was compared with the ledger."""
    entry = store.history.version(number)
    store.guard.settle()  # afterwards: the version may be one that is not in its place yet
    store.file.stat()
    with store.file.path.open("rb") as file:
        with store.history.links(entry) as (links, chain):
            damage = first_damage(file, links, chain)
        if damage is not None:
            store.history.version(number)  # a new generation may have come in between
            raise store.guard.complaint(damage)
        yield file, entry


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame[list(COLUMNS)]
    return frame.assign(
        inID=frame["inID"].astype("int64"),
        star=frame["star"].str.strip().str[0].astype("int64"),  # "5.0" was adopted so
    )

"""Reviews as training reads them, kept from one retraining to the next and extended, not remade.

::

    clean_model/prepared/text-1-columns-2/
        000000000-000000007-<chain>.parquet   rows of the ledger entries 0 to 7
        000000008-000000008-<chain>.parquet   what came since

A part is written once, a row group at a time. It names the entries whose rows it holds and the
chain hash behind them, so one of another base, or of a generation that is gone, is never taken for
ours.
"""

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from satispy.core.errors import VersionErased
from satispy.core.files import beside
from satispy.core.types import label_of_star
from satispy.data.ledger import Entry
from satispy.data.snapshot import read_rows
from satispy.data.store import ReviewStore
from satispy.evaluation.split import is_exam
from satispy.features.text import TEXT_VERSION, tokenize

SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("words", pa.list_(pa.string())),
        ("label", pa.int8()),
        ("exam", pa.bool_()),
        ("draw", pa.uint64()),
        ("star", pa.int8()),
        ("source", pa.string()),
        ("company", pa.string()),
        ("date", pa.string()),
    ]
)
COLUMNS_VERSION = "2"
"""Changes whenever `SCHEMA`, or the meaning of a column, does."""

MOST_PARTS = 16
"""Parts beyond which they are written together, so that reading stays reading a few files."""

_SALT = b"satispy-draw-1\n"
_NAME = re.compile(r"(\d{9})-(\d{9})-([0-9a-f]{16})\.parquet")


@dataclass(frozen=True)
class _Part:
    path: Path
    first: int
    last: int
    chain: str


def prepare(store: ReviewStore, number: int, folder: Path) -> list[Path]:
    """Return the parts that hold a dataset version, after preparing the rows they lack.

    Parameters
    ----------
    store
        Whose base it is.
    number
        The dataset version.
    folder
        ``clean_model/prepared``; a folder for the versions of text and columns is made in it, and
        those of others are removed.

    Returns
    -------
    list of Path
        Parquet files, in the order of the rows, each of the columns of `SCHEMA`.

    Raises
    ------
    NotFound, VersionErased, BaseDamaged
        If the version cannot be read: every byte of it is compared with the ledger first.
    """
    place = folder / f"text-{TEXT_VERSION}-columns-{COLUMNS_VERSION}"
    _remove_all_but(place)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    entry = store.history.version(number)
    begin = store.history.first_of_generation(entry.generation)
    parts = _cover(place, store, begin, number)
    known = parts[-1].last if parts else None
    rows = read_rows(store, number, after=known)
    if known != number:
        first = begin if known is None else known + 1
        parts.append(_write(place, map(_prepared, rows), first, entry))
        _drop_if_erased(store, parts[-1])
    else:
        for _ in rows:  # no row is left to read, but the bytes are to be checked
            pass
    if len(parts) > MOST_PARTS:
        whole = _write(place, _tables(parts), begin, entry)
        for part in parts:
            part.path.unlink()
        parts = [whole]
    return [part.path for part in parts]


def draw_of(words: Sequence[str]) -> int:
    """Return the place of a text in the draw, 0 to 2**64 - 1, which nothing but its words decides.

    Where a base is sampled, the texts with the smallest numbers are taken: a base that has grown
    gives nearly the same sample as before, and no upload decides what of another is learnt
    (Cohen and Kaplan 2007, Summarizing data using bottom-k sketches).
    """
    return int.from_bytes(sha256(_SALT + " ".join(words).encode()).digest()[:8])


def _remove_all_but(place: Path) -> None:
    """Remove what was prepared by other rules: nobody would read it, or erase from it."""
    for other in place.parent.glob("text-*"):
        if other != place:
            shutil.rmtree(other, ignore_errors=True)


def _cover(place: Path, store: ReviewStore, begin: int, number: int) -> list[_Part]:
    """Choose parts that follow one another from entry `begin` on, up to `number` at most."""
    there = [
        _Part(path, int(match[1]), int(match[2]), match[3])
        for path in sorted(place.iterdir())
        if (match := _NAME.fullmatch(path.name)) and int(match[2]) <= number
    ]
    chains = store.history.chains([part.last for part in there])
    found: dict[int, list[_Part]] = {}
    for part in there:
        if chains.get(part.last, "").startswith(part.chain):
            found.setdefault(part.first, []).append(part)
    chosen: list[_Part] = []
    while begin in found:
        chosen.append(max(found[begin], key=lambda part: part.last))
        begin = chosen[-1].last + 1
    return chosen


def _write(place: Path, tables: Iterator[pa.Table], first: int, entry: Entry) -> _Part:
    path = place / f"{first:09d}-{entry.number:09d}-{entry.chain[:16]}.parquet"
    aside = beside(path)
    try:
        with pq.ParquetWriter(aside, SCHEMA) as writer:
            for table in tables:
                writer.write_table(table)
        with aside.open("rb") as file:
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return _Part(path, first, entry.number, entry.chain[:16])


def _drop_if_erased(store: ReviewStore, part: _Part) -> None:
    """Keep nothing that was erased while it was being prepared."""
    try:
        store.history.version(part.last)
    except VersionErased:
        part.path.unlink()
        raise


def _tables(parts: Sequence[_Part]) -> Iterator[pa.Table]:
    for part in parts:
        file = pq.ParquetFile(part.path)
        for group in range(file.num_row_groups):
            yield file.read_row_group(group)


def _prepared(frame: pd.DataFrame) -> pa.Table:
    texts = frame["Commentaire"].tolist()
    words = [tokenize(text) for text in texts]
    columns = {
        "id": frame["inID"],
        "words": pa.array(words, SCHEMA.field("words").type),
        "label": pa.array([label_of_star(star) for star in frame["star"]], pa.int8()),
        "exam": [is_exam(text) for text in texts],
        "draw": pa.array(map(draw_of, words), pa.uint64()),
        "star": frame["star"].astype("int8"),
        **{name: frame[name] for name in ("source", "company", "date")},
    }
    return pa.table(columns, schema=SCHEMA)

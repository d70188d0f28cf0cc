"""The ledger: one row per committed change of the base, and that row is the commit."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    func,
    select,
)
from sqlalchemy.engine import Connection
from sqlalchemy.sql import Select

from satispy.core.database import METADATA, UtcDateTime
from satispy.core.errors import DuplicateUpload
from satispy.core.types import DatasetVersion

NO_CHAIN = "0" * 64
"""What the chain hash of the very first entry follows."""

SINGLE = ("comment", "feedback")
"""Kinds of entries whose rows came in no file."""

LEDGER = Table(
    "ledger",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("generation", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("upload_id", String(64), unique=True),
    Column("resubmits", String(64)),
    Column("filename", String(255)),
    Column("sha256", String(64)),
    Column("warnings", JSON, nullable=False),
    Column("rows_received", BigInteger, nullable=False),
    Column("rows_accepted", BigInteger, nullable=False),
    Column("rows_quarantined", BigInteger, nullable=False),
    Column("rows_duplicate", BigInteger, nullable=False),
    Column("rows_total", BigInteger, nullable=False),
    Column("last_id", BigInteger, nullable=False),
    Column("end_offset", BigInteger, nullable=False),
    Column("chain", String(64), nullable=False),
    Column("received_by", Text, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Index("ix_ledger_generation", "generation", "number"),
    Index("ix_ledger_kind", "kind", "number"),
    Index("ix_ledger_resubmits", "resubmits"),
    Index("ix_ledger_sha256", "sha256"),
)


@dataclass(frozen=True)
class Entry:
    """One ledger row.

    Attributes
    ----------
    number
        The dataset version that this entry made; 0 is the empty or the adopted base.
    generation
        Grows by one where the base was written anew; versions of earlier generations are gone.
    kind
        ``genesis``, ``upload``, ``comment`` or ``feedback``; or what began a generation:
        ``adopted``, ``erased``, ``masked``.
    upload_id, filename, sha256
        Of the file received; None where there was no file.
    resubmits
        The upload whose bad rows this one brings back, corrected.
    warnings
        What the sender should know, such as columns that were left out.
    rows_received, rows_accepted, rows_quarantined, rows_duplicate
        What became of the rows of this change.
    rows_total, last_id, end_offset
        Rows, last ``inID`` and size in bytes of the base after it.
    chain
        Hash of all bytes of the base up to `end_offset`, entry by entry; see `link`.
    received_by, received_at
        Who, and when (UTC).
    """

    number: int
    generation: int
    kind: str
    upload_id: str | None
    resubmits: str | None
    filename: str | None
    sha256: str | None
    warnings: Sequence[str]
    rows_received: int
    rows_accepted: int
    rows_quarantined: int
    rows_duplicate: int
    rows_total: int
    last_id: int
    end_offset: int
    chain: str
    received_by: str
    received_at: datetime

    @property
    def version(self) -> DatasetVersion:
        """The dataset version that this entry made."""
        return DatasetVersion(self.number, self.end_offset, self.chain, self.rows_total)


class Link(NamedTuple):
    """What of an entry the chain is made of."""

    number: int
    end_offset: int
    chain: str


class Size(NamedTuple):
    """How large the base was after an entry."""

    number: int
    end_offset: int
    rows_total: int


class Digest(Protocol):
    """A sha256 of the bytes that an entry appended."""

    def digest(self) -> bytes:
        """Return the 32 bytes."""
        ...


def link(previous: str, appended: Digest) -> str:
    """Return the chain hash after an entry: sha256(previous chain hash ‖ sha256(its bytes)).

    The entry that begins a generation follows the last one of the generation before, so its hash
    names the base that it replaced.
    """
    return hashlib.sha256(bytes.fromhex(previous) + appended.digest()).hexdigest()


def insert(connection: Connection, entry: Entry) -> None:
    """Add an entry; a taken number or upload id is an ``IntegrityError``."""
    connection.execute(LEDGER.insert(), asdict(entry))


def last(connection: Connection) -> Entry | None:
    """Return the newest entry, or None where the ledger is empty."""
    return _first(connection, select(LEDGER).order_by(LEDGER.c.number.desc()).limit(1))


def numbered(connection: Connection, number: int) -> Entry | None:
    """Return the entry with this number."""
    return _first(connection, select(LEDGER).where(LEDGER.c.number == number))


def with_sha256(connection: Connection, sha256: str) -> Entry | None:
    """Return the entry of the file with this hash, unless another base was adopted since."""
    adopted = select(func.max(LEDGER.c.number)).where(LEDGER.c.kind == "adopted")
    since = LEDGER.c.number > func.coalesce(adopted.scalar_subquery(), -1)
    return _first(connection, select(LEDGER).where(LEDGER.c.sha256 == sha256, since))


def refuse_known(connection: Connection, sha256: str) -> None:
    """Raise `DuplicateUpload` if a file with this hash was accepted before."""
    known = with_sha256(connection, sha256)
    if known is not None:
        raise DuplicateUpload(
            f"this file was accepted before, as '{known.filename}' on "
            f"{known.received_at:%Y-%m-%d %H:%M} UTC (upload {known.upload_id}); nothing was added"
        )


def upload(connection: Connection, upload_id: str) -> Entry | None:
    """Return the entry of this upload."""
    return _first(connection, select(LEDGER).where(LEDGER.c.upload_id == upload_id))


def resubmissions(connection: Connection, upload_id: str) -> list[str]:
    """Return the ids of the uploads that corrected this one, oldest first."""
    ids = select(LEDGER.c.upload_id).where(LEDGER.c.resubmits == upload_id)
    return list(connection.execute(ids.order_by(LEDGER.c.number)).scalars())


def links(connection: Connection, entry: Entry) -> Iterator[Link]:
    """Yield the entries of its generation up to `entry`, oldest first, as they are asked for."""
    asked = (
        select(LEDGER.c.number, LEDGER.c.end_offset, LEDGER.c.chain)
        .where(LEDGER.c.generation == entry.generation, LEDGER.c.number <= entry.number)
        .order_by(LEDGER.c.number)
        .execution_options(yield_per=10_000)
    )
    with connection.execute(asked) as rows:  # closed also where nobody reads to the end
        for row in rows:
            yield Link(*row)


def sizes(connection: Connection, first: int, last: int) -> list[Size]:
    """Return how large the base was after the entries `first` to `last`, oldest first."""
    asked = select(LEDGER.c.number, LEDGER.c.end_offset, LEDGER.c.rows_total).where(
        LEDGER.c.number.between(first, last)
    )
    return [Size(*row) for row in connection.execute(asked.order_by(LEDGER.c.number))]


def upload_ids(connection: Connection, numbers: Collection[int]) -> dict[int, str]:
    """Return the upload ids of those of these entries that are uploads."""
    asked = select(LEDGER.c.number, LEDGER.c.upload_id).where(
        LEDGER.c.number.in_(numbers), LEDGER.c.upload_id.is_not(None)
    )
    return {row.number: row.upload_id for row in connection.execute(asked)}


def rewritten_since(connection: Connection, number: int) -> list[str]:
    """Return how the base was written anew after an entry, oldest first: the kinds of entries."""
    asked = select(LEDGER.c.kind).where(
        LEDGER.c.number > number, LEDGER.c.kind.in_(("adopted", "erased", "masked"))
    )
    return list(connection.execute(asked.order_by(LEDGER.c.number)).scalars())


def chain_before_generation(connection: Connection, generation: int) -> str:
    """Return the chain hash that the first entry of a generation follows."""
    before = first_number(connection, generation) - 1
    return chains(connection, [before]).get(before, NO_CHAIN)


def first_number(connection: Connection, generation: int) -> int:
    """Return the number of the entry that began a generation."""
    number = select(func.min(LEDGER.c.number)).where(LEDGER.c.generation == generation)
    return int(connection.execute(number).scalar_one())


def end_of(connection: Connection, number: int) -> int:
    """Return the byte at which the entry with this number ends."""
    end = select(LEDGER.c.end_offset).where(LEDGER.c.number == number)
    return int(connection.execute(end).scalar_one())


def chains(connection: Connection, numbers: Collection[int]) -> dict[int, str]:
    """Return the chain hashes of those of these entries that exist."""
    rows = connection.execute(
        select(LEDGER.c.number, LEDGER.c.chain).where(LEDGER.c.number.in_(numbers))
    )
    return {row.number: row.chain for row in rows}


def uploads(connection: Connection, *, offset: int, limit: int) -> tuple[list[Entry], int]:
    """Return a page of the uploads, newest first, and how many there are in all."""
    of_uploads = LEDGER.c.kind == "upload"
    total = connection.execute(select(func.count()).select_from(LEDGER).where(of_uploads))
    return _page(connection, select(LEDGER).where(of_uploads), offset, limit), total.scalar_one()


def behind(connection: Connection, number: int) -> tuple[list[Entry], int, int]:
    """Return what a version is made of, since the base was adopted.

    Returns
    -------
    tuple
        The entries of files and generations, oldest first; those of single rows (comments and
        feedback), and their rows, which may be too many to list.
    """
    adopted = select(func.max(LEDGER.c.number)).where(
        LEDGER.c.kind == "adopted", LEDGER.c.number <= number
    )
    since = LEDGER.c.number >= func.coalesce(adopted.scalar_subquery(), 0)
    of_version, comment = (since & (LEDGER.c.number <= number)), LEDGER.c.kind.in_(SINGLE)
    listed = connection.execute(
        select(LEDGER).where(of_version, ~comment).order_by(LEDGER.c.number)
    )
    entries = [Entry(**row._mapping) for row in listed]
    rows = func.coalesce(func.sum(LEDGER.c.rows_accepted), 0)
    count, total = connection.execute(
        select(func.count(), rows).select_from(LEDGER).where(of_version, comment)
    ).one()
    return entries, int(count), int(total)


def newest(connection: Connection, *, limit: int, offset: int = 0) -> list[Entry]:
    """Return a page of the entries, newest first."""
    return _page(connection, select(LEDGER), offset, limit)


def _page(
    connection: Connection, query: Select[tuple[Any, ...]], offset: int, limit: int
) -> list[Entry]:
    rows = connection.execute(query.order_by(LEDGER.c.number.desc()).offset(offset).limit(limit))
    return [Entry(**row._mapping) for row in rows]


def _first(connection: Connection, query: Select[tuple[Any, ...]]) -> Entry | None:
    row = connection.execute(query).first()
    return None if row is None else Entry(**row._mapping)

"""The ledger: one row per committed change of the base, and that row is the commit."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table, func, select
from sqlalchemy.engine import Connection

from satispy.core.database import METADATA, UtcDateTime
from satispy.core.types import DatasetVersion

LEDGER = Table(
    "ledger",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("upload_id", String(64), unique=True),
    Column("filename", String(255)),
    Column("sha256", String(64), unique=True),
    Column("rows_received", BigInteger, nullable=False),
    Column("rows_accepted", BigInteger, nullable=False),
    Column("rows_quarantined", BigInteger, nullable=False),
    Column("rows_duplicate", BigInteger, nullable=False),
    Column("rows_total", BigInteger, nullable=False),
    Column("last_id", BigInteger, nullable=False),
    Column("end_offset", BigInteger, nullable=False),
    Column("chain", String(64), nullable=False),
    Column("received_by", String(64), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
)

ROW_IDENTITY = Table(
    "row_identity",
    METADATA,
    Column("digest", LargeBinary(16), primary_key=True),
    sqlite_with_rowid=False,
)


@dataclass(frozen=True)
class Entry:
    """One ledger row.

    Attributes
    ----------
    number
        The dataset version that this entry made; 0 is the empty or the adopted base.
    kind
        ``genesis``, ``adopted``, ``upload`` or ``comment``.
    upload_id, filename, sha256
        Of the file received; None where there was no file.
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
    kind: str
    upload_id: str | None
    filename: str | None
    sha256: str | None
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


def link(previous: str, appended: bytes) -> str:
    """Return the chain hash after `appended`: sha256(previous chain hash ‖ sha256(bytes))."""
    return hashlib.sha256(bytes.fromhex(previous) + hashlib.sha256(appended).digest()).hexdigest()


def insert(connection: Connection, entry: Entry) -> None:
    """Add an entry; a taken number, upload id or file hash is an ``IntegrityError``."""
    connection.execute(LEDGER.insert().values(**asdict(entry)))


def last(connection: Connection) -> Entry | None:
    """Return the newest entry, or None where the ledger is empty."""
    row = connection.execute(select(LEDGER).order_by(LEDGER.c.number.desc()).limit(1)).first()
    return None if row is None else Entry(**row._mapping)


def up_to(connection: Connection, number: int) -> list[Entry]:
    """Return the entries 0 to `number`, oldest first."""
    rows = connection.execute(
        select(LEDGER).where(LEDGER.c.number <= number).order_by(LEDGER.c.number)
    )
    return [Entry(**row._mapping) for row in rows]


def with_sha256(connection: Connection, sha256: str) -> Entry | None:
    """Return the entry of the file with this hash."""
    row = connection.execute(select(LEDGER).where(LEDGER.c.sha256 == sha256)).first()
    return None if row is None else Entry(**row._mapping)


def uploads(connection: Connection, *, offset: int, limit: int) -> tuple[list[Entry], int]:
    """Return a page of the uploads, newest first, and how many there are in all."""
    of_uploads = LEDGER.c.kind == "upload"
    total = connection.execute(select(func.count()).select_from(LEDGER).where(of_uploads))
    rows = connection.execute(
        select(LEDGER)
        .where(of_uploads)
        .order_by(LEDGER.c.number.desc())
        .offset(offset)
        .limit(limit)
    )
    return [Entry(**row._mapping) for row in rows], total.scalar_one()

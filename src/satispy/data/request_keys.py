"""Which requests were answered already: the same key and content are written once.

The header field Idempotency-Key (IETF draft-ietf-httpapi-idempotency-key-header), kept in the same
transaction as the rows that it stands for.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    String,
    Table,
    delete,
    insert,
    select,
    tuple_,
)
from sqlalchemy.engine import Connection

from satispy.core.database import METADATA, UtcDateTime
from satispy.core.errors import KeyReused
from satispy.data import ledger

KEPT_FOR = timedelta(days=30)

REQUEST_KEY = Table(
    "request_key",
    METADATA,
    Column("sender", String(64), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("row_id", BigInteger, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Index("ix_request_key_received_at", "received_at"),
    Index("ix_request_key_row_id", "row_id"),
)


@dataclass(frozen=True)
class RequestKey:
    """A key that a sender gave, and the sha256 of what came with it."""

    sender: str
    key: str
    fingerprint: str


@dataclass(frozen=True)
class Placed:
    """Where a comment stands: its ``inID``, and the number of the entry that holds it."""

    row_id: int
    number: int


@dataclass(frozen=True)
class Answered:
    """What a request led to: the ledger entry, and the last ``inID`` that it gave."""

    fingerprint: str
    number: int
    row_id: int

    def placed(self, key: RequestKey) -> Placed | KeyReused:
        """Return where the comment stands, or what refuses the key."""
        try:
            self.check(key)
        except KeyReused as error:
            return error
        return Placed(self.row_id, self.number)

    def check(self, key: RequestKey) -> None:
        """Raise `KeyReused` where the key came with another content before."""
        if key.fingerprint != self.fingerprint:
            raise KeyReused(
                f"expected a new Idempotency-Key for a new request, but '{key.key[:60]}' came with "
                "another content before; nothing was added"
            )


def answered(
    connection: Connection, keys: Collection[RequestKey]
) -> dict[tuple[str, str], Answered]:
    """Return what these keys led to, by sender and key; unknown ones are left out."""
    table = REQUEST_KEY.c
    pairs = [(key.sender, key.key) for key in keys]
    found = connection.execute(
        select(REQUEST_KEY).where(tuple_(table.sender, table.key).in_(pairs))
    )
    return {
        (row.sender, row.key): Answered(row.fingerprint, row.number, row.row_id) for row in found
    }


def entry_for(connection: Connection, key: RequestKey) -> ledger.Entry | None:
    """Return the entry that a request with this key led to; `KeyReused` if it was another one."""
    before = answered(connection, [key]).get((key.sender, key.key))
    if before is None:
        return None
    before.check(key)
    return ledger.numbered(connection, before.number)


def remember(
    connection: Connection,
    placed: Collection[tuple[RequestKey, int]],
    number: int,
    now: datetime,
) -> None:
    """Record that these keys (and rows) are answered by entry `number`; forget old keys."""
    connection.execute(delete(REQUEST_KEY).where(REQUEST_KEY.c.received_at < now - KEPT_FOR))
    connection.execute(
        insert(REQUEST_KEY),
        [
            {**vars(key), "number": number, "row_id": row_id, "received_at": now}
            for key, row_id in placed
        ],
    )


def forget_all(connection: Connection) -> None:
    """Forget every key: what they stand for may not be in the base any more."""
    connection.execute(delete(REQUEST_KEY))


def forget_rows(connection: Connection, row_ids: Collection[int]) -> None:
    """Forget the keys of these rows."""
    connection.execute(delete(REQUEST_KEY).where(REQUEST_KEY.c.row_id.in_(row_ids)))

"""The audit trail: one row per act, each with the hash of all rows before it.

The chain is made under the database's one write lock, so however many processes append, it has one
order. Triggers refuse every change and removal; whoever gets round those breaks the chain.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, String, Table, Text, func, select
from sqlalchemy.engine import Connection

from satispy.core.clock import iso
from satispy.core.database import METADATA, UtcDateTime
from satispy.core.secrecy import masked

NO_CHAIN = "0" * 64
"""What the very first record follows."""

BEGUN = "begun"
"""The outcome of a record that was written before its act: another one tells how it ended."""

LONGEST = 400
AUDIT = Table(
    "audit",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("chain", String(64), nullable=False),
    Index("ix_audit_at", "at"),
    Index("ix_audit_who", "who", "number"),
)


@dataclass(frozen=True)
class Act:
    """What somebody did or was refused.

    Attributes
    ----------
    who, role
        The user; empty where nobody is signed in. On the command line, the user of the machine.
    source
        The client's address, or ``command line``.
    request_id
        As in ``X-Request-ID`` and in the log.
    act
        Method and route, such as ``POST /models/{run}/promote``; or a command, ``users.add``.
    object
        What it was done to.
    outcome
        ``begun``; ``done`` or an HTTP status, with the code of a refusal.
    detail
        A short note; never a password, nor the text of a review.
    """

    who: str
    role: str
    source: str
    request_id: str
    act: str
    object: str = ""
    outcome: str = BEGUN
    detail: str = ""

    def cleaned(self) -> Act:
        """Return it without what looks like a secret, and with each control character spelt out.

        So no field can forge a line, and a key that is sent in the wrong place is not kept.
        """
        return Act(**{name: printable(masked(value)) for name, value in vars(self).items()})


@dataclass(frozen=True)
class Record:
    """One row: an act with its number, from 1, its time, and the chain hash after it."""

    number: int
    at: datetime
    who: str
    role: str
    source: str
    request_id: str
    act: str
    object: str
    outcome: str
    detail: str
    chain: str


@dataclass(frozen=True)
class Head:
    """The end of the trail: the number of the last record, and its chain hash."""

    number: int
    chain: str


@dataclass(frozen=True)
class Filter:
    """Which records are asked for; None lets all pass."""

    who: str | None = None
    act: str | None = None
    outcome: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def printable(text: str) -> str:
    """Return a text in one line of printable characters, cut where it is very long."""
    if len(text) <= LONGEST and text.isprintable():
        return text
    safe = "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode()
        for one in text[: LONGEST + 1]
    )
    return safe if len(safe) <= LONGEST else safe[: LONGEST - 1] + "…"


def append(connection: Connection, acts: Sequence[tuple[datetime, Act]]) -> Head:
    """Add records, in a transaction that holds the write lock; return the new end."""
    number, chain = head(connection)
    rows = []
    for at, act in acts:
        number += 1
        facts = {"number": number, "at": at, **vars(act.cleaned())}
        chain = _chain(chain, facts)
        rows.append({**facts, "chain": chain})
    if rows:
        connection.execute(AUDIT.insert(), rows)
    return Head(number, chain)


def head(connection: Connection) -> tuple[int, str]:
    """Return number and chain hash of the last record."""
    newest = select(AUDIT.c.number, AUDIT.c.chain).order_by(AUDIT.c.number.desc()).limit(1)
    row = connection.execute(newest).first()
    return (0, NO_CHAIN) if row is None else (int(row.number), str(row.chain))


def page(
    connection: Connection, wanted: Filter, *, offset: int, limit: int
) -> tuple[list[Record], int]:
    """Return records, newest first, and how many there are in all."""
    conditions = [
        column == printable(value)  # as it was written
        for column, value in (
            (AUDIT.c.who, wanted.who),
            (AUDIT.c.act, wanted.act),
        )
        if value is not None
    ]
    if wanted.outcome is not None:  # `409` finds `409 duplicate-upload`
        conditions.append(AUDIT.c.outcome.startswith(printable(wanted.outcome), autoescape=True))
    if wanted.since is not None:
        conditions.append(AUDIT.c.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(AUDIT.c.at < wanted.until)
    total = select(func.count()).select_from(AUDIT).where(*conditions)
    asked = select(AUDIT).where(*conditions).order_by(AUDIT.c.number.desc())
    rows = connection.execute(asked.offset(offset).limit(limit))
    records = [Record(**row._mapping) for row in rows]
    return records, int(connection.execute(total).scalar_one())


def first_wrong(connection: Connection, marks: Sequence[Head]) -> tuple[Head, str | None]:
    """Read the whole trail.

    Parameters
    ----------
    marks
        Ends of the trail that were noted elsewhere, earlier.

    Returns
    -------
    tuple
        The last record that is as it was written, and what is wrong after it, or None.
    """
    last = Head(0, NO_CHAIN)
    for facts in _records(connection):
        number, chain = facts["number"], facts.pop("chain")
        if number != last.number + 1:
            return last, f"record {last.number + 1} is missing; {number} follows"
        if chain != _chain(last.chain, facts):
            return last, f"record {number} is not as it was written"
        if any(mark.number == number and mark.chain != chain for mark in marks):
            return last, f"record {number} is another one than was noted outside the trail"
        last = Head(number, chain)
    missing = max((mark.number for mark in marks), default=0)
    if missing > last.number:
        return last, f"records {last.number + 1} to {missing} were cut off the end"
    return last, None


def _records(connection: Connection) -> Iterator[dict[str, Any]]:
    asked = select(AUDIT).order_by(AUDIT.c.number).execution_options(yield_per=10_000)
    with connection.execute(asked) as rows:
        for row in rows:
            yield dict(row._mapping)


def _chain(previous: str, facts: dict[str, Any]) -> str:
    written = {name: iso(v) if isinstance(v, datetime) else v for name, v in facts.items()}
    line = json.dumps(written, ensure_ascii=False, sort_keys=True).encode()
    return hashlib.sha256(bytes.fromhex(previous) + line).hexdigest()

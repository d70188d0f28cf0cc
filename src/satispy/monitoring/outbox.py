"""Messages on their way to the webhook, written in the transaction that opens or ends an alert.

A message is *claimed* before it is sent, which puts it off for a while: two senders never take the
same one, and one that is killed in between leaves it to the next. So a message comes once, or, if
its sender died or the answer was lost, once more with the same id.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    and_,
    delete,
    exists,
    or_,
    select,
)
from sqlalchemy.engine import Connection, Row
from sqlalchemy.sql import ColumnElement

from satispy.core.database import METADATA, UtcDateTime

MESSAGES = Table(
    "webhook_message",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("alert_id", Integer, ForeignKey("alert.id"), nullable=False),
    Column("event", String(10), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("body", JSON, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcDateTime, nullable=False, index=True),
    Column("sent_at", UtcDateTime),
    Column("given_up_at", UtcDateTime),
    Column("complaint", Text),
)
CLAIMED_FOR = timedelta(seconds=60)
"""Longer than any attempt takes."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(days=3)
KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Message:
    """One message; `attempts` counts the one that it was claimed for."""

    number: int
    id: str
    event: str
    at: datetime
    body: dict[str, Any]
    attempts: int


def put(
    connection: Connection, alert_id: int, event: str, facts: Mapping[str, Any], now: datetime
) -> None:
    """Write a message that is to be sent soon; its id is added to its body."""
    message_id = uuid.uuid4().hex
    connection.execute(
        MESSAGES.insert().values(
            id=message_id,
            alert_id=alert_id,
            event=event,
            at=now,
            body={"id": message_id, **facts},
            attempts=0,
            next_at=now,
        )
    )


def is_due(connection: Connection, now: datetime) -> bool:
    """Tell whether a message waits whose time has come."""
    return (
        connection.execute(select(MESSAGES.c.number).where(_due(now)).limit(1)).first() is not None
    )


def claim(connection: Connection, now: datetime) -> Message | None:
    """Take the oldest message that is due; of one alert the end never before its beginning."""
    earlier = MESSAGES.alias()
    waits_for_another = exists().where(
        earlier.c.alert_id == MESSAGES.c.alert_id,
        earlier.c.number < MESSAGES.c.number,
        earlier.c.sent_at.is_(None),
        earlier.c.given_up_at.is_(None),
    )
    wanted = select(MESSAGES).where(_due(now), ~waits_for_another).order_by(MESSAGES.c.number)
    row = connection.execute(wanted.limit(1)).first()
    if row is None:
        return None
    attempts = row.attempts + 1
    _change(connection, row.number, attempts=attempts, next_at=now + CLAIMED_FOR)
    return _message(row, attempts)


def sent(connection: Connection, message: Message, now: datetime) -> None:
    """Note that a message was taken."""
    _change(connection, message.number, sent_at=now, complaint=None)


def failed(connection: Connection, message: Message, complaint: str, now: datetime) -> bool:
    """Put a message off, longer each time; after three days give up. Return whether we did."""
    give_up = now - message.at >= GIVEN_UP_AFTER
    _change(
        connection,
        message.number,
        complaint=complaint,
        next_at=now + pause_after(message.attempts),
        given_up_at=now if give_up else None,
    )
    return give_up


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: 10 s, 20 s, 40 s …, an hour at most."""
    doublings = min(attempts - 1, 20)
    seconds = FIRST_PAUSE.total_seconds() * 2.0**doublings
    return min(timedelta(seconds=seconds), LONGEST_PAUSE)


def forget_old(connection: Connection, now: datetime) -> int:
    """Remove messages that were done with a month ago; return how many that were."""
    before = now - KEPT_FOR
    done = or_(MESSAGES.c.sent_at < before, MESSAGES.c.given_up_at < before)
    return connection.execute(delete(MESSAGES).where(done)).rowcount


def waiting(connection: Connection) -> list[tuple[Message, str]]:
    """Return the messages that are still to be sent, each with the last complaint."""
    wanted = select(MESSAGES).where(_unsent()).order_by(MESSAGES.c.number)
    return [
        (_message(row, row.attempts), row.complaint or "") for row in connection.execute(wanted)
    ]


def _unsent() -> ColumnElement[bool]:
    return and_(MESSAGES.c.sent_at.is_(None), MESSAGES.c.given_up_at.is_(None))


def _due(now: datetime) -> ColumnElement[bool]:
    return and_(_unsent(), MESSAGES.c.next_at <= now)


def _change(connection: Connection, number: int, **values: object) -> None:
    connection.execute(MESSAGES.update().where(MESSAGES.c.number == number).values(**values))


def _message(row: Row[Any], attempts: int) -> Message:
    return Message(row.number, row.id, row.event, row.at, row.body, attempts)

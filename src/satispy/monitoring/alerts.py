"""Alerts in the database: each is opened once and ended once, whoever looks, however often.

An alert is open while what it is about is found red. `settle` compares what is open with what is
red now, under the one write lock; an index of the database forbids a second open alert of the same
thing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Column, Float, Index, Integer, String, Table, Text, func, select, text
from sqlalchemy.engine import Connection, Row

from satispy.core.database import METADATA, UtcDateTime
from satispy.monitoring.findings import Finding, Kind

IS_OPEN = text("ended_at IS NULL")
ALERTS = Table(
    "alert",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False),
    Column("kind", String(30), nullable=False),
    Column("family", Text),
    Column("metric", Text),
    Column("slice", Text),
    Column("run", Text),
    Column("value", Float),
    Column("threshold", Float),
    Column("detail", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Index("uq_alert_open", "key", unique=True, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
    Index("ix_alert_ended_at", "ended_at"),
)
RENEWED = ("run", "value", "threshold", "detail")
"""What an alert that stays open takes over from the newest look."""

Event = Literal["opened", "ended"]


@dataclass(frozen=True)
class Alert:
    """One alert; it is open while `ended_at` is None."""

    id: int
    kind: Kind
    family: str | None
    metric: str | None
    slice: str | None
    run: str | None
    value: float | None
    threshold: float | None
    detail: str
    since: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Scope:
    """What a look covers: alerts of these kinds and, where given, of these families alone."""

    kinds: Collection[Kind]
    families: Collection[str] | None = None


@dataclass(frozen=True)
class Change:
    """An alert that was opened or ended just now."""

    event: Event
    alert: Alert


def open_alerts(connection: Connection, scope: Scope | None = None) -> list[Alert]:
    """Return the open alerts, newest first."""
    return [_alert(row) for row in _open_rows(connection, scope)]


def newest(connection: Connection, limit: int) -> tuple[list[Alert], int]:
    """Return alerts, the open ones first, the newest first among each; and how many are open."""
    count = select(func.count()).select_from(ALERTS).where(ALERTS.c.ended_at.is_(None))
    order = (ALERTS.c.ended_at.is_not(None), ALERTS.c.since.desc(), ALERTS.c.id.desc())
    rows = connection.execute(select(ALERTS).order_by(*order).limit(limit))
    return [_alert(row) for row in rows], int(connection.execute(count).scalar_one())


def is_settled(connection: Connection, scope: Scope, red: Iterable[Finding]) -> bool:
    """Tell whether `settle` would change nothing."""
    known = {row.key: _renewed(row) for row in _open_rows(connection, scope)}
    return known == {one.key: _renewed(one) for one in red}


def settle(
    connection: Connection, scope: Scope, red: Iterable[Finding], now: datetime
) -> list[Change]:
    """Open an alert for what is red and has none; end those whose matter is red no more.

    Parameters
    ----------
    connection
        Inside `Database.writing`.
    scope
        What the look covers; alerts outside of it stay as they are.
    red
        All that is red within the scope.
    now
        When this was seen.

    Returns
    -------
    list of Change
        What was opened and ended; an alert that stays open is none.
    """
    found = {one.key: one for one in red}
    known = {row.key: row for row in _open_rows(connection, scope)}
    changes = []
    for key, row in sorted(known.items()):
        if key not in found:
            _change(connection, row.id, {"ended_at": now})
            changes.append(Change("ended", _by_id(connection, row.id)))
        elif _renewed(row) != _renewed(found[key]):
            _change(connection, row.id, _renewed(found[key]))
    for key, one in sorted(found.items()):
        if key not in known:
            facts = {
                name: getattr(one, name) for name in ("kind", "family", "metric", "slice", *RENEWED)
            }
            row_id = connection.execute(
                ALERTS.insert().values(key=key, since=now, **facts).returning(ALERTS.c.id)
            ).scalar_one()
            changes.append(Change("opened", _by_id(connection, row_id)))
    return changes


def _open_rows(connection: Connection, scope: Scope | None) -> list[Row[Any]]:
    wanted = select(ALERTS).where(ALERTS.c.ended_at.is_(None))
    if scope is not None:
        wanted = wanted.where(ALERTS.c.kind.in_(list(scope.kinds)))
        if scope.families is not None:
            wanted = wanted.where(ALERTS.c.family.in_(list(scope.families)))
    order = (ALERTS.c.since.desc(), ALERTS.c.id.desc())
    return list(connection.execute(wanted.order_by(*order)))


def _renewed(one: Row[Any] | Finding) -> dict[str, Any]:
    return {name: getattr(one, name) for name in RENEWED}


def _change(connection: Connection, alert_id: int, values: dict[str, Any]) -> None:
    connection.execute(ALERTS.update().where(ALERTS.c.id == alert_id).values(**values))


def _by_id(connection: Connection, alert_id: int) -> Alert:
    return _alert(connection.execute(select(ALERTS).where(ALERTS.c.id == alert_id)).one())


def _alert(row: Row[Any]) -> Alert:
    return Alert(**{name: value for name, value in row._mapping.items() if name != "key"})

"""What was predicted, by which run: the table, and what is written to and read from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, String, Table, Text, delete, select
from sqlalchemy.engine import Connection

from satispy.core.database import METADATA, UtcDateTime

PREDICTIONS = Table(
    "prediction",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("text_mark", String(64), nullable=False),
    Column("text", Text),
    Column("answers", JSON, nullable=False),
    Index("ix_prediction_at", "at"),
)


@dataclass(frozen=True)
class KeptPrediction:
    """One text that was judged.

    Attributes
    ----------
    id
        Sorts as time does.
    at
        When (UTC).
    asked_by
        The user.
    text_mark
        Keyed hash of the text: equal texts have equal marks, and nothing can be read from it.
    text
        The text itself, where the settings ask for it.
    answers
        Family to ``run``, ``label`` and ``probability``.
    """

    id: str
    at: datetime
    asked_by: str
    text_mark: str
    text: str | None
    answers: dict[str, dict[str, Any]]


def insert(connection: Connection, predictions: Sequence[KeptPrediction]) -> None:
    """Add predictions."""
    connection.execute(PREDICTIONS.insert(), [asdict(one) for one in predictions])


def find(connection: Connection, prediction_id: str) -> KeptPrediction | None:
    """Return the prediction with this id."""
    row = connection.execute(select(PREDICTIONS).where(PREDICTIONS.c.id == prediction_id)).first()
    return None if row is None else KeptPrediction(**row._mapping)


def forget_before(connection: Connection, moment: datetime) -> int:
    """Remove what is older; return how many predictions that were."""
    return connection.execute(delete(PREDICTIONS).where(PREDICTIONS.c.at < moment)).rowcount

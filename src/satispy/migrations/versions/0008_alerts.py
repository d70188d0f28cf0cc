"""Alerts, and the messages that tell a webhook of them."""

import sqlalchemy as sa
from alembic import op

from satispy.core.database import UtcDateTime

revision = "0008"
down_revision = "0007"

IS_OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "alert",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("family", sa.Text),
        sa.Column("metric", sa.Text),
        sa.Column("slice", sa.Text),
        sa.Column("run", sa.Text),
        sa.Column("value", sa.Float),
        sa.Column("threshold", sa.Float),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.Column("ended_at", UtcDateTime),
    )
    op.create_index(
        "uq_alert_open",
        "alert",
        ["key"],
        unique=True,
        sqlite_where=IS_OPEN,
        postgresql_where=IS_OPEN,
    )
    op.create_index("ix_alert_ended_at", "alert", ["ended_at"])
    op.create_table(
        "webhook_message",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.String(32), nullable=False, unique=True),
        sa.Column("alert_id", sa.Integer, sa.ForeignKey("alert.id"), nullable=False),
        sa.Column("event", sa.String(10), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", UtcDateTime, nullable=False),
        sa.Column("sent_at", UtcDateTime),
        sa.Column("given_up_at", UtcDateTime),
        sa.Column("complaint", sa.Text),
    )
    op.create_index("ix_webhook_message_next_at", "webhook_message", ["next_at"])


def downgrade() -> None:
    """Take back; alerts are forgotten, and found red again by the next retraining."""
    op.drop_table("webhook_message")
    op.drop_table("alert")

"""Corrections of predictions, each decided once."""

import sqlalchemy as sa
from alembic import op

from satispy.core.database import UtcDateTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("star", sa.Integer, nullable=False),
        sa.Column("prediction_id", sa.String(32)),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", UtcDateTime),
        sa.Column("reason", sa.Text),
        sa.Column("review_id", sa.BigInteger),
        sa.Column("replaces", sa.BigInteger),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_feedback_state", "feedback", ["state", "id"])
    op.create_index("ix_feedback_author", "feedback", ["author", "id"])
    op.create_index("ix_feedback_review_id", "feedback", ["review_id"])
    op.create_index("ix_feedback_replaces", "feedback", ["replaces"])


def downgrade() -> None:
    """Take back; what waits is forgotten, what was accepted stays in the base."""
    op.drop_table("feedback")

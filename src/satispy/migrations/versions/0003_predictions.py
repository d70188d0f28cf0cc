"""Predictions, each with the runs that answered."""

import sqlalchemy as sa
from alembic import op

from satispy.core.database import UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "prediction",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("text_mark", sa.String(64), nullable=False),
        sa.Column("text", sa.Text),
        sa.Column("answers", sa.JSON, nullable=False),
    )
    op.create_index("ix_prediction_at", "prediction", ["at"])


def downgrade() -> None:
    """Take back; what was predicted is forgotten."""
    op.drop_table("prediction")

"""Failed sign-ins by name and address, and who is known where."""

import sqlalchemy as sa
from alembic import op

from satispy.core.database import UtcDateTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "sign_in_failure",
        sa.Column("place", sa.String(120), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.Column("last_at", UtcDateTime, nullable=False),
        sa.Column("known_at", UtcDateTime),
    )
    op.create_index("ix_sign_in_failure_last_at", "sign_in_failure", ["last_at"])


def downgrade() -> None:
    """Take back; failures are forgotten, and everyone may try again."""
    op.drop_table("sign_in_failure")

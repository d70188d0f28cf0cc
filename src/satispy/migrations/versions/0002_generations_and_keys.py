"""Generations of the base, its mark on disk, resubmissions, request keys; identities are files."""

import sqlalchemy as sa
from alembic import op

from satispy.core.database import UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("ledger") as ledger:
        ledger.add_column(sa.Column("generation", sa.Integer, nullable=False, server_default="0"))
        ledger.add_column(sa.Column("resubmits", sa.String(64)))
        ledger.add_column(sa.Column("warnings", sa.JSON, nullable=False, server_default="[]"))
        ledger.alter_column("received_by", type_=sa.Text, existing_type=sa.String(64))
        ledger.drop_constraint("uq_ledger_sha256", type_="unique")
    with op.batch_alter_table("ledger") as ledger:
        ledger.alter_column("generation", server_default=None)
        ledger.alter_column("warnings", server_default=None)
    op.create_index("ix_ledger_generation", "ledger", ["generation", "number"])
    op.create_index("ix_ledger_kind", "ledger", ["kind", "number"])
    op.create_index("ix_ledger_resubmits", "ledger", ["resubmits"])
    op.create_index("ix_ledger_sha256", "ledger", ["sha256"])
    op.create_table(
        "base_mark",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("inode", sa.String(20), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "request_key",
        sa.Column("sender", sa.String(64), primary_key=True),
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("row_id", sa.BigInteger, nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_request_key_received_at", "request_key", ["received_at"])
    op.create_index("ix_request_key_row_id", "request_key", ["row_id"])
    op.drop_table("row_identity")


def downgrade() -> None:
    """Take back; the identities are not made anew, so equal rows may then be added twice."""
    op.create_table(
        "row_identity",
        sa.Column("digest", sa.LargeBinary(16), primary_key=True),
        sqlite_with_rowid=False,
    )
    op.drop_table("request_key")
    op.drop_table("base_mark")
    for index in ("generation", "kind", "resubmits", "sha256"):
        op.drop_index(f"ix_ledger_{index}", "ledger")
    with op.batch_alter_table("ledger") as ledger:
        ledger.drop_column("warnings")
        ledger.drop_column("resubmits")
        ledger.drop_column("generation")
        ledger.alter_column("received_by", type_=sa.String(64), existing_type=sa.Text)
        ledger.create_unique_constraint("uq_ledger_sha256", ["sha256"])

"""The audit trail, which the database itself lets nobody change or remove."""

import sqlalchemy as sa
from alembic import op

from satispy.core.database import UtcDateTime

revision = "0006"
down_revision = "0005"

ABORT = "SELECT RAISE(ABORT, 'the audit trail is only appended to');"
SQLITE = [
    f"CREATE TRIGGER audit_update BEFORE UPDATE ON audit BEGIN {ABORT} END",
    f"CREATE TRIGGER audit_delete BEFORE DELETE ON audit BEGIN {ABORT} END",
    # INSERT OR REPLACE would remove a row without asking the trigger above.
    "CREATE TRIGGER audit_replace BEFORE INSERT ON audit BEGIN "
    "SELECT RAISE(ABORT, 'the audit trail is only appended to') "
    "FROM audit WHERE number = NEW.number; END",
]
POSTGRESQL = [
    "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the audit trail is only appended to'; END $$",
    "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
]


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("object", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("chain", sa.String(64), nullable=False),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_who", "audit", ["who", "number"])
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE if on_sqlite else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    """Take back; the trail is forgotten."""
    op.drop_table("audit")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_refuse()")

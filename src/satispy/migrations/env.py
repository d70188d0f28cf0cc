"""Alembic's entry: runs the migrations on the connection that `core.database` hands over.

It is in a transaction, which `core.database` commits: all migrations take place, or none.
"""

from alembic import context

from satispy.core.database import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()

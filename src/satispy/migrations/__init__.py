"""Alembic migrations of the database of a home; applied when it is opened."""

"""The tour of `make demo`: synthetic reviews, uploads, real DAG runs, a table at the end."""

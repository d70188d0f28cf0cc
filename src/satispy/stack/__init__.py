"""The embedded stack: Airflow, API and page under one small supervisor."""

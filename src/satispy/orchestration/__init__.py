"""What runs our workflows on a schedule or on demand: Airflow, asked over HTTP."""

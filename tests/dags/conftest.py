"""A temporary Airflow of its own, set up before anything imports it."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

home = tempfile.mkdtemp(prefix="satispy-airflow-")
atexit.register(shutil.rmtree, home)
os.environ.update(
    AIRFLOW_HOME=home,
    AIRFLOW__CORE__DAGS_FOLDER=str(Path(__file__).resolve().parents[2] / "airflow" / "dags"),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{home}/airflow.db",
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED="False",
)

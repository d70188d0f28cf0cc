"""Menu entries in Airflow, a link from each training task to its report, failures as alerts.

Every process of Airflow loads this file, and none of them may be hindered by it. So the listener
starts a process of the platform and neither waits for it nor minds whether it starts.
"""

import json
import logging
import os
import subprocess
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlencode

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin
from airflow.sdk import BaseOperatorLink

UI = os.environ.get("SATISPY_UI_URL", "http://127.0.0.1:8501")
API = os.environ.get("SATISPY_API_URL", "http://127.0.0.1:8000")
REPOSITORY = Path(__file__).resolve().parents[2]
DAG_ID = "retrain_reviews"
TRAINS = "train_"
MOST_RUNS_READ = 200
"""Manifests that a link looks into, the newest first; an older run has no link any more."""

log = logging.getLogger(__name__)
telling = []
"""Processes of the platform that this one has started."""


class ReportLink(BaseOperatorLink):
    """From a task `train_<family>` to the report of the model that came of it."""

    name = "Report"

    def get_link(self, operator, *, ti_key):
        """Return the address in the page; empty for other tasks, and before there is a report."""
        if ti_key.dag_id != DAG_ID or not ti_key.task_id.startswith(TRAINS):
            return ""
        home = Path(os.environ.get("SATISPY_HOME", REPOSITORY))
        run = run_of(home, ti_key.run_id, ti_key.task_id.removeprefix(TRAINS))
        return f"{UI}/reporting?{urlencode({'run': run})}" if run else ""


def run_of(home, dag_run, family):
    """Return the name of the run that a family published in a DAG run; None where there is none."""
    published = sorted((home / "clean_model" / "runs").glob(f"[!.]*-{family}/manifest.json"))
    for path in published[: -MOST_RUNS_READ - 1 : -1]:
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
            if manifest.get("dag_run") == dag_run:
                return path.parent.name
        except (OSError, ValueError, AttributeError):  # damaged, or pruned while we look
            continue
    return None


class RetrainingsTold:
    """Hears how each retraining ended, and passes it on."""

    @hookimpl
    def on_dag_run_success(self, dag_run, msg):
        """End the alert that a retraining failed."""
        pass_on("success", dag_run)

    @hookimpl
    def on_dag_run_failed(self, dag_run, msg):
        """Open it."""
        pass_on("failed", dag_run)


def pass_on(ended, dag_run):
    """Tell the platform; never raise, for this runs within the scheduler."""
    try:
        if dag_run.dag_id != DAG_ID:
            return
        python = os.environ.get("SATISPY_PYTHON", str(REPOSITORY / ".venv/bin/python"))
        # Those that have ended are collected here, or they would stay as zombies.
        telling[:] = [process for process in telling if process.poll() is None]
        telling.append(
            subprocess.Popen(
                [python, "-m", "satispy.workflows.run_ended", ended, dag_run.run_id],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        )
    except Exception:  # whatever it is, a DAG run ends as it ends
        log.exception("no alert is kept of how a retraining ended")


class SatispyPlugin(AirflowPlugin):
    """Ties Airflow to the page and to the alerts."""

    name = "satispy"
    external_views: ClassVar = [
        {"name": name, "href": href, "destination": "nav", "category": "browse"}
        for name, href in (
            ("Satispy: page", UI),
            ("Satispy: reports and alerts", f"{UI}/reporting"),
            ("Satispy: API", f"{API}/docs"),
        )
    ]
    global_operator_extra_links: ClassVar = [ReportLink()]
    listeners: ClassVar = [RetrainingsTold()]

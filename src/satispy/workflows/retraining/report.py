"""Write the scores of a job's runs where people and the page look for them."""

import logging
from contextlib import closing
from datetime import datetime, timedelta

from satispy.core.clock import Clock, date_heure, system_clock
from satispy.core.database import Database
from satispy.core.files import read_json, sweep_leftovers
from satispy.core.settings import Paths, Settings
from satispy.models.catalog import family_names
from satispy.registry import runs
from satispy.registry.reports import write_report
from satispy.workflows import tracking
from satispy.workflows.alerts import settle_reports
from satispy.workflows.openlineage_events import telling_end
from satispy.workflows.retraining.index import index_reviews
from satispy.workflows.retraining.jobs import Job, forget_old_jobs
from satispy.workflows.webhook_delivery import deliver_due

JOBS_KEPT = 3
LEFTOVERS_KEPT = timedelta(days=1)
"""Longer than any step may take."""

log = logging.getLogger(__name__)


def report(settings: Settings, job_name: str, clock: Clock = system_clock) -> None:
    """Write the scores of the job's runs where people look for them; index the reviews; tidy up.

    Alerts on the scores are opened and ended. MLflow, OpenLineage and the webhook are told last,
    where they are set; whether they answer changes nothing.

    Raises
    ------
    NotFound
        In the end, if a family was not trained: the others serve, but somebody should look.
    """
    job = Job.find(settings.paths.jobs, job_name)
    with telling_end(settings, job.name, job.dataset, clock) as reported:
        for candidate in job.candidates(family_names()):
            _report_run(settings, candidate.run_name)
            reported.append(candidate.run_name)
        index_reviews(settings, job, clock)
        _tidy_up(settings.paths, clock)
        with closing(Database(settings.database_place)) as database:
            settle_reports(settings, database, clock)
            deliver_due(settings, database, clock)
        tracking.follow(settings)
        job.require_every(family_names())


def _report_run(settings: Settings, name: str) -> None:
    manifest = runs.manifest_of(settings.paths.runs, name)
    copied = ("family", "dag_run", "trained_at", "vectors_version", "train_seconds")
    write_report(
        settings.paths.reports,
        {
            **{fact: manifest[fact] for fact in copied},
            "run": name,
            "date_heure": date_heure(datetime.fromisoformat(manifest["trained_at"])),
            "rows": manifest["dataset"]["rows"],
            "train_rows": manifest["train_rows"],
            "dataset_version": manifest["dataset"]["number"],
            **read_json(settings.paths.runs / name / "metrics.json"),
            "gate": read_json(settings.paths.runs / name / "gate.json"),
        },
    )


def _tidy_up(paths: Paths, clock: Clock) -> None:
    forget_old_jobs(paths.jobs, JOBS_KEPT)
    places = (
        paths.runs,
        paths.vectors,
        paths.jobs,
        paths.serving,
        paths.reports,
        paths.quarantine,
        paths.neighbours,
    )
    for folder in places:
        for left in sweep_leftovers(folder, clock(), older_than=LEFTOVERS_KEPT):
            log.info("removed %s, which a killed process left", left)

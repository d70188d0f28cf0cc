"""What the reporting page shows: scores over the runs, alerts on the newest, models that serve."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from satispy.core.errors import BaseDamaged, NotReady
from satispy.core.files import read_json
from satispy.core.settings import Settings
from satispy.core.types import METRICS, DatasetVersion
from satispy.monitoring.thresholds import performance_alerts
from satispy.registry import runs
from satispy.registry.history import MOVES
from satispy.registry.reports import read_all, read_report
from satispy.registry.serving import ServingPointers
from satispy.workflows.base import is_erased
from satispy.workflows.opening import Home
from satispy.workflows.predict import Predictor

__all__ = [
    "dataset_state",
    "published_runs",
    "reporting",
    "require_ready",
    "serving_models",
    "whole_report",
]

SHOWN = (
    "family",
    "run",
    "dag_run",
    "trained_at",
    "date_heure",
    "rows",
    "dataset_version",
    *METRICS,
    "train_seconds",
)
ENDS = ("", "_low", "_high")
SURE = tuple(f"{metric}{end}" for metric in (*METRICS, "macro_f1") for end in ENDS)
"""Scores and the ends of their intervals; a report of an earlier version has no ends."""
FURTHER = (
    *("precision_0", "recall_0", "precision_1", "recall_1"),
    *("roc_auc", "log_loss", "brier", "calibration_error"),
)
"""Scores that are given on request: they are half of an answer of two megabytes with 1500 runs."""


def reporting(
    settings: Settings, threshold: float | None = None, *, further: bool = False
) -> dict[str, Any]:
    """Return the history of scores, oldest first, and the alerts of each family's newest run.

    Parameters
    ----------
    settings
        Of the installation.
    threshold
        What a score should be above; that of the settings where none is named.
    further
        Whether each run tells `FURTHER` too, where its report has them.

    Returns
    -------
    dict
        ``unreadable`` names the runs whose report is left out because it cannot be read.

    Raises
    ------
    InvalidInput
        If the threshold is no fraction of 1.
    """
    threshold = settings.alert_threshold if threshold is None else threshold
    folder = settings.paths.reports
    reports, unreadable = read_all(folder) if folder.is_dir() else ([], [])
    newest = {report["family"]: report for report in reports}
    alerts = [
        asdict(alert)
        for family in sorted(newest)
        for alert in performance_alerts(family, newest[family], threshold)
    ]
    return {
        "threshold": threshold,
        "metrics": list(METRICS),
        "items": [
            {name: report[name] for name in SHOWN}
            | {name: report.get(name) for name in (*SURE, "exam_rows", "exam_texts")}
            | ({"further": _further(report["further"])} if further else {})
            for report in reports
        ],
        "alerts": alerts,
        "unreadable": unreadable,
    }


def _further(details: Mapping[str, Any]) -> dict[str, float]:
    names = (f"{name}{end}" for name in FURTHER for end in ENDS)
    return {name: details[name] for name in names if details.get(name) is not None}


def whole_report(settings: Settings, run: str) -> dict[str, Any]:
    """Return all that the exam of a run found.

    Raises
    ------
    NotFound
        If no run of this name was judged.
    ArtifactDamaged
        If its report cannot be read.
    """
    return read_report(settings.paths.reports, run)


def serving_models(home: Home, predictor: Predictor) -> list[dict[str, Any]]:
    """Return, for each family that answers, by which run, since when, and how it scored."""
    paths = home.settings.paths
    since = {
        decision.run: decision.at
        for decision in ServingPointers(paths.serving).history()
        if decision.event in MOVES
    }
    models = []
    for family, run in sorted(predictor.serving().items()):
        manifest = runs.manifest_of(paths.runs, run)
        scores = read_json(paths.runs / run / "metrics.json")
        models.append(
            {
                "family": family,
                "model_version": run,
                "published_at": since[run],
                "dataset_version": manifest["dataset"]["number"],
                "rows": manifest["dataset"]["rows"],
                "dataset_erased": is_erased(home, DatasetVersion(**manifest["dataset"])),
                "vectors_version": manifest["vectors_version"],
                **{metric: scores[metric] for metric in METRICS},
            }
        )
    return models


def dataset_state(home: Home) -> dict[str, int]:
    """Return version and rows of the base."""
    version = home.store.history.current().version
    return {"version": version.number, "rows": version.rows}


def published_runs(settings: Settings) -> dict[str, str]:
    """Return the run that was published last, by family; no model is loaded to tell."""
    return {
        pointer.family: pointer.run for pointer in ServingPointers(settings.paths.serving).all()
    }


def require_ready(home: Home, predictor: Predictor) -> None:
    """Return if the base can be read and a model serves.

    Raises
    ------
    NotReady, ArtifactDamaged
        With the reason.
    """
    base = home.settings.paths.base
    try:
        committed = home.store.history.current().end_offset
        size = base.stat().st_size
        with base.open("rb"):
            pass
    except (SQLAlchemyError, BaseDamaged, OSError) as error:
        raise NotReady(f"the store cannot be read: {error}") from error
    if size < committed:
        raise NotReady(
            f"the store cannot be read: expected {committed} bytes in {base}, but found {size}"
        )
    predictor.require_any()

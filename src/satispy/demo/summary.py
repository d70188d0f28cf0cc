"""``summary.json``: what the tour did, also where it broke off."""

import platform
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from satispy.core.files import write_json

RUN_FIELDS = ("dag_run", "family", "rows", "accuracy", "f1_0", "f1_1", "train_seconds")
ALERT_FIELDS = ("family", "metric", "value", "threshold", "state")
PACKAGES = {
    # The last two are builds of the same library, under names of their own.
    "tensorflow": ("tensorflow", "tensorflow-cpu", "tensorflow-macos"),
    **{
        name: (name,)
        for name in (
            *("satispy", "scikit-learn", "keras", "wikipedia2vec", "onnxruntime"),
            *("numpy", "fastapi", "streamlit"),
        )
    },
}


def installed_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that decide about scores."""
    found = {"python": platform.python_version()}
    for name, distributions in PACKAGES.items():
        found[name] = "not installed"
        for distribution in distributions:
            with suppress(PackageNotFoundError):
                found[name] = version(distribution)
    return found


@dataclass
class Summary:
    """Collects what the tour did; the fields are those of ``summary.json``.

    But `alerts_then`, for the screen: DAG run and family to the alerts right after that run.
    """

    uploads: list[dict[str, Any]] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    dag_runs: list[dict[str, Any]] = field(default_factory=list)
    alerts: list[dict[str, Any]] = field(default_factory=list)
    peak_memory_mib: float = 0.0
    versions: dict[str, str] = field(default_factory=installed_versions)
    alerts_then: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)

    def take_reports(self, reports: dict[str, Any]) -> None:
        """Replace runs and alerts by what ``GET /reports`` answered: the alerts of the newest run.

        Those of each run are kept as well; so call it after each.
        """
        self.runs = [{name: item[name] for name in RUN_FIELDS} for item in reports["items"]]
        self.alerts = [{name: item[name] for name in ALERT_FIELDS} for item in reports["alerts"]]
        newest = {item["family"]: item["dag_run"] for item in self.runs}  # the oldest stand first
        for family, run in newest.items():
            self.alerts_then[run, family] = [
                alert for alert in self.alerts if alert["family"] == family
            ]

    def write(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        write_json(
            path,
            {
                "uploads": self.uploads,
                "runs": self.runs,
                "dag_runs": self.dag_runs,
                "alerts": self.alerts,
                "peak_memory_mib": round(self.peak_memory_mib, 1),
                "versions": self.versions,
            },
        )

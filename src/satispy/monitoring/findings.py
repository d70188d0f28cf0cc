"""What in a report is worth an alert: scores that are not above the threshold, slices far below.

Pure functions of a report, as `clean_data/reports/<run>.json` holds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from satispy.monitoring.thresholds import performance_alerts

Kind = Literal["performance", "slice", "retraining-failed", "model-damaged"]

WATCHED_SLICES = ("source", "company", "words", "year")
"""Not `star`: two stars are where the labels part, and stay the hardest whatever one does."""
SLICE_METRIC = "accuracy"
"""Means the same in a slice that lacks a class; there the other scores have no value."""


@dataclass(frozen=True)
class Finding:
    """Something that is red now.

    Attributes
    ----------
    kind
        What kind of alert it is.
    detail
        A sentence for people.
    family, metric, slice, run
        What it is about; None where that does not apply.
    value, threshold
        The score, and what it should be above.
    """

    kind: Kind
    detail: str
    family: str | None = None
    metric: str | None = None
    slice: str | None = None
    run: str | None = None
    value: float | None = None
    threshold: float | None = None

    @property
    def key(self) -> str:
        """What tells it from others; the same thing found red again has the same key."""
        about = (self.kind, self.family, self.metric, self.slice)
        return "/".join(part for part in about if part is not None)


def findings(report: Mapping[str, Any], threshold: float) -> list[Finding]:
    """Return what is red in a report.

    Parameters
    ----------
    report
        Of one run.
    threshold
        A fraction of 1. A score is red where it is equal or below. A slice that is large enough is
        red where the upper end of the 95 % interval of its accuracy is: it is shown to be so low.
    """
    family, run = str(report["family"]), str(report["run"])
    scores = [
        Finding(
            "performance",
            f"{alert.metric} of {run} is {alert.value:.3f}, not above {threshold:g}",
            family=family,
            metric=alert.metric,
            run=run,
            value=alert.value,
            threshold=threshold,
        )
        for alert in performance_alerts(family, report, threshold)
        if alert.state == "alert"
    ]
    return scores + [
        Finding(
            "slice",
            f"{SLICE_METRIC} of {run} within {name} is {part[SLICE_METRIC]:.3f}, at most "
            f"{part[f'{SLICE_METRIC}_high']:.3f} (95 %), not above {threshold:g}",
            family=family,
            metric=SLICE_METRIC,
            slice=name,
            run=run,
            value=part[SLICE_METRIC],
            threshold=threshold,
        )
        for name, part in _large_slices(report)
        if part[f"{SLICE_METRIC}_high"] <= threshold
    ]


def _large_slices(report: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for kind in WATCHED_SLICES:
        for part in (report.get("slices") or {}).get(kind, ()):
            if not part["few"] and part.get(f"{SLICE_METRIC}_high") is not None:
                yield f"{kind}: {part['name']}", part

"""What the API answers, typed: JSON objects in, frozen values out.

A field that is missing or of another kind raises KeyError, TypeError or ValueError; the client
turns these into `Unexpected`, so that the page never works on half an answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Account:
    """Who is signed in."""

    username: str
    role: str

    @classmethod
    def parse(cls, body: Json) -> "Account":
        """Read the answer of ``GET /authentification``."""
        return cls(str(body["username"]), str(body["role"]))


@dataclass(frozen=True)
class Status:
    """The state of the base: its version and its rows, both 0 before the first upload."""

    dataset_version: int
    rows: int

    @classmethod
    def parse(cls, body: Json) -> "Status":
        """Read the answer of ``GET /status``."""
        dataset = body["dataset"]
        return cls(int(dataset["version"]), int(dataset["rows"]))


@dataclass(frozen=True)
class Prediction:
    """One family's answer for one text; `probability` is P(label 1), the positive one."""

    family: str
    label: int
    label_name: str
    probability: float
    model_version: str

    @classmethod
    def parse(cls, family: str, body: Json) -> "Prediction":
        """Read one entry of ``predictions`` of ``POST /predict``."""
        return cls(
            family=family,
            label=int(body["label"]),
            label_name=str(body["label_name"]),
            probability=float(body["probability"]),
            model_version=str(body["model_version"]),
        )


@dataclass(frozen=True)
class Training:
    """One report: the scores of one family in one run, as fractions of 1.

    `ends` holds the lower and upper end of each score's 95 % interval, where the report has them.
    """

    family: str
    run: str
    dag_run: str
    date_heure: str
    rows: int
    dataset_version: int
    train_seconds: float
    scores: Mapping[str, float]
    ends: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @classmethod
    def parse(cls, body: Json, metrics: tuple[str, ...]) -> "Training":
        """Read one entry of ``items`` of ``GET /reports``."""
        return cls(
            family=str(body["family"]),
            run=str(body["run"]),
            dag_run=str(body["dag_run"]),
            date_heure=str(body["date_heure"]),
            rows=int(body["rows"]),
            dataset_version=int(body["dataset_version"]),
            train_seconds=float(body["train_seconds"]),
            scores={metric: float(body[metric]) for metric in metrics},
            ends={
                metric: (float(body[f"{metric}_low"]), float(body[f"{metric}_high"]))
                for metric in metrics
                if body.get(f"{metric}_low") is not None
            },
        )


@dataclass(frozen=True)
class Alert:
    """The state that the API gave one score of a family's newest run."""

    family: str
    metric: str
    value: float
    threshold: float
    state: str

    @classmethod
    def parse(cls, body: Json) -> "Alert":
        """Read one entry of ``alerts`` of ``GET /reports``."""
        return cls(
            family=str(body["family"]),
            metric=str(body["metric"]),
            value=float(body["value"]),
            threshold=float(body["threshold"]),
            state=str(body["state"]),
        )


@dataclass(frozen=True)
class Reports:
    """All reports, oldest first, and the alert states of the newest run of each family."""

    threshold: float
    metrics: tuple[str, ...]
    items: tuple[Training, ...]
    alerts: tuple[Alert, ...]

    @classmethod
    def parse(cls, body: Json) -> "Reports":
        """Read the answer of ``GET /reports``."""
        metrics = tuple(str(metric) for metric in body["metrics"])
        return cls(
            threshold=float(body["threshold"]),
            metrics=metrics,
            items=tuple(Training.parse(item, metrics) for item in body["items"]),
            alerts=tuple(Alert.parse(alert) for alert in body["alerts"]),
        )

    @property
    def families(self) -> tuple[str, ...]:
        """The families that were ever trained, in alphabetical order."""
        return tuple(sorted({item.family for item in self.items}))

    def of(self, family: str) -> tuple[Training, ...]:
        """Return the reports of one family, oldest first."""
        return tuple(item for item in self.items if item.family == family)

    def alerts_of(self, family: str) -> tuple[Alert, ...]:
        """Return the alert states of one family, one per metric."""
        return tuple(alert for alert in self.alerts if alert.family == family)

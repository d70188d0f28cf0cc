"""The scores of every run, the alerts on the newest, and the model cards."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from reviews_ui.api.connection import Connection, Json
from reviews_ui.api.errors import Unexpected

FURTHER = (
    "macro_f1",
    *("precision_0", "recall_0", "precision_1", "recall_1"),
    *("roc_auc", "log_loss", "brier", "calibration_error"),
)
"""Scores that a report may have besides those that alerts look at."""
LOWER_IS_BETTER = frozenset({"log_loss", "brier", "calibration_error"})


@dataclass(frozen=True)
class Training:
    """One report: the scores of one family in one run.

    `scores` holds what the report has, losses included, the rest as fractions of 1; `ends` the
    lower and upper end of each score's 95 % interval, where the report has them.
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
        known = {**body, **(body.get("further") or {})}
        scores, ends = scores_of(known, (*metrics, *FURTHER))
        if missing := [metric for metric in metrics if metric not in scores]:
            raise KeyError(missing[0])
        return cls(
            family=str(body["family"]),
            run=str(body["run"]),
            dag_run=str(body["dag_run"]),
            date_heure=str(body["date_heure"]),
            rows=int(body["rows"]),
            dataset_version=int(body["dataset_version"]),
            train_seconds=float(body["train_seconds"]),
            scores=scores,
            ends=ends,
        )


def scores_of(
    body: Json, names: Iterable[str]
) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    """Return those of the scores `names` that `body` has, and the ends of their intervals."""
    scores = {name: float(body[name]) for name in names if body.get(name) is not None}
    ends = {
        name: (float(body[f"{name}_low"]), float(body[f"{name}_high"]))
        for name in scores
        if body.get(f"{name}_low") is not None and body.get(f"{name}_high") is not None
    }
    return scores, ends


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
    """All reports, oldest first, and the alert states of the newest run of each family.

    `metrics` are the scores that alerts look at; `unreadable` the runs whose report is damaged.
    """

    threshold: float
    metrics: tuple[str, ...]
    items: tuple[Training, ...]
    alerts: tuple[Alert, ...]
    unreadable: tuple[str, ...] = ()

    @classmethod
    def parse(cls, body: Json) -> "Reports":
        """Read the answer of ``GET /reports``."""
        metrics = tuple(str(metric) for metric in body["metrics"])
        return cls(
            threshold=float(body["threshold"]),
            metrics=metrics,
            items=tuple(Training.parse(item, metrics) for item in body["items"]),
            alerts=tuple(Alert.parse(alert) for alert in body["alerts"]),
            unreadable=tuple(str(run) for run in body.get("unreadable", ())),
        )

    @property
    def families(self) -> tuple[str, ...]:
        """The families that were ever trained, in alphabetical order."""
        return tuple(sorted({item.family for item in self.items}))

    def of(self, family: str) -> tuple[Training, ...]:
        """Return the reports of one family, oldest first."""
        return tuple(item for item in self.items if item.family == family)

    def newest_first(self) -> tuple[Training, ...]:
        """Return all reports, the newest first."""
        return self.items[::-1]

    def alerts_of(self, family: str) -> tuple[Alert, ...]:
        """Return the alert states of one family, one per metric."""
        return tuple(alert for alert in self.alerts if alert.family == family)


def reports(api: Connection, threshold: float, *, further: bool = False) -> Reports:
    """Return all reports; the alert states are judged by the API against `threshold`.

    With `further` each run has all its scores, which makes the answer twice as long.
    """
    params = {"threshold": threshold, **({"further": "true"} if further else {})}
    return api.ask("GET", "/reports", Reports.parse, params=params)


@dataclass(frozen=True)
class Card:
    """A model card, a whole page of HTML, and the language that it is in: ``fr`` or ``en``."""

    page: str
    language: str


def card(api: Connection, run: str, language: str) -> Card:
    """Return the model card of a run; `Missing` where it has none.

    A run of before there were cards in the language that is asked for has its English one.
    """
    path = f"/models/{quote(run, safe='')}/card.html"
    response = api.send("GET", path, params={"language": language})
    if not response.headers.get("Content-Type", "").startswith("text/html"):
        raise Unexpected(f"GET {path}: no HTML", url=api.base_url)
    written_in = response.headers.get("Content-Language", "en")
    if written_in not in ("fr", "en"):
        raise Unexpected(f"GET {path}: in the language {written_in!r}", url=api.base_url)
    return Card(response.text, written_in)

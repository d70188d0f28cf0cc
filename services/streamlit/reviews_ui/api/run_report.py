"""All that the exam of one run found: ``GET /reports/{run}``.

A report of an earlier version lacks most of it. What it lacks is empty here, so that the page shows
what there is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from reviews_ui.api.connection import Connection, Json
from reviews_ui.api.reading import maybe
from reviews_ui.api.reports import FURTHER, scores_of

HEADLINE = ("accuracy", "f1_0", "f1_1")
SLICED = (*HEADLINE, "macro_f1")
COMPARED = ("accuracy", "recall_0", "recall_1", "f1_0", "f1_1", "selection_rate")

Scores = Mapping[str, float]
Ends = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Bin:
    """One bin of the calibration curve that has reviews: what was said of them, what was true."""

    low: float
    high: float
    rows: int
    said: float
    was: float


@dataclass(frozen=True)
class Group:
    """A part of the exam: a slice, or a group of the fairness tables."""

    name: str
    rows: int
    few: bool
    scores: Scores
    ends: Ends
    differences: Scores = field(default_factory=dict)


@dataclass(frozen=True)
class Fairness:
    """The groups of one kind beside the largest of them; `widest` gap and ratio of any two."""

    largest: str
    groups: Sequence[Group]
    widest: Scores


@dataclass(frozen=True)
class Beside:
    """Another model, or a rule, on the same exam: its scores, and the run minus it."""

    name: str
    run: str | None
    scores: Scores
    ends: Ends
    differences: Mapping[str, tuple[float, float, float]]


@dataclass(frozen=True)
class RunReport:
    """A whole report. `raw` is the answer as it came, for the download."""

    family: str
    run: str
    date_heure: str
    dag_run: str
    rows: int
    dataset_version: int
    exam_rows: int | None
    exam_texts: int | None
    scores: Scores
    ends: Ends
    confusion: Sequence[Sequence[int]]
    calibration: Sequence[Bin]
    slices: Mapping[str, Sequence[Group]]
    fairness: Mapping[str, Fairness]
    beside: Sequence[Beside]
    folds: Scores
    spread: Scores
    blessed: bool | None
    gate: str
    raw: Json

    @classmethod
    def parse(cls, body: Json) -> "RunReport":
        """Read the answer."""
        details = body.get("details") or {}
        scores, ends = scores_of({**details, **_known(body)}, (*HEADLINE, *FURTHER))
        folds = body.get("held_out") or {}
        gate = body.get("gate") or {}
        return cls(
            family=str(body["family"]),
            run=str(body["run"]),
            date_heure=str(body["date_heure"]),
            dag_run=str(body["dag_run"]),
            rows=int(body["rows"]),
            dataset_version=int(body["dataset_version"]),
            exam_rows=maybe(int, body.get("exam_rows")),
            exam_texts=maybe(int, body.get("exam_texts")),
            scores=scores,
            ends=ends,
            confusion=[[int(cell) for cell in row] for row in details.get("confusion") or ()],
            calibration=[_bin(one) for one in details.get("calibration") or () if one["n"]],
            slices={
                str(kind): [_group(one, SLICED) for one in groups]
                for kind, groups in (body.get("slices") or {}).items()
            },
            fairness={
                str(kind): _fairness(one) for kind, one in (body.get("fairness") or {}).items()
            },
            beside=_beside(body),
            folds=scores_of(folds.get("mean") or {}, SLICED)[0],
            spread=scores_of(folds.get("spread") or {}, SLICED)[0],
            blessed=maybe(bool, gate.get("blessed")),
            gate=str(gate.get("reason", "")),
            raw=body,
        )


def run_report(api: Connection, run: str) -> RunReport:
    """Return the report of one run; `Missing` where it has none, `Damaged` where it is spoilt."""
    return api.ask("GET", f"/reports/{quote(run, safe='')}", RunReport.parse)


def _known(body: Json) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}


def _bin(body: Json) -> Bin:
    return Bin(
        low=float(body["low"]),
        high=float(body["high"]),
        rows=int(body["n"]),
        said=float(body["mean_probability"]),
        was=float(body["share_positive"]),
    )


def _group(body: Json, names: Sequence[str]) -> Group:
    scores, ends = scores_of(body, names)
    return Group(str(body["name"]), int(body["n"]), bool(body["few"]), scores, ends)


def _fairness(body: Json) -> Fairness:
    groups = []
    for one in body["groups"]:
        group = _group(one, COMPARED)
        found = {name: one.get(f"{name}_difference") for name in COMPARED}
        known = {name: float(value) for name, value in found.items() if value is not None}
        groups.append(Group(**{**vars(group), "differences": known}))
    widest = {
        str(name): float(value)
        for name, value in (body.get("widest") or {}).items()
        if value is not None
    }
    return Fairness(str(body["largest"]), groups, widest)


def _beside(body: Json) -> list[Beside]:
    serving = body.get("serving") or {}
    others = {str(name): one for name, one in (body.get("yardsticks") or {}).items()}
    if serving.get("state") == "examined":
        others = {"serving": serving, **others}
    found = []
    for name, one in others.items():
        scores, ends = scores_of(one, SLICED)
        differences = {
            str(metric): (float(value["value"]), float(value["low"]), float(value["high"]))
            for metric, value in (one.get("difference") or {}).items()
        }
        found.append(Beside(name, maybe(str, one.get("run")), scores, ends, differences))
    return found

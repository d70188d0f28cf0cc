"""What is told of a run: its parameters, scores and files, and what was decided about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from satispy.core.files import read_json
from satispy.core.settings import Paths
from satispy.core.types import METRICS
from satispy.data.schema import COLUMNS
from satispy.registry import runs
from satispy.registry.history import CROWNED, HELD, MOVES, Decision
from satispy.tracking.facts import (
    CHALLENGER,
    CHAMPION,
    SERVING,
    TrackedDataset,
    TrackedRun,
    TrackedVersion,
)

HEADLINE = (*METRICS, "macro_f1")
DETAILS = ("log_loss", "brier", "calibration_error", "roc_auc")
OF_TRAINING = ("train_seconds", "train_rows", "peak_mib", "vectors_coverage")


def tracked_run(paths: Paths, name: str) -> TrackedRun:
    """Gather what is told of a run.

    Raises
    ------
    NotFound
        If there is no such run.
    ArtifactDamaged, OSError, KeyError
        If one of its files cannot be read.
    """
    folder = paths.runs / name
    manifest = runs.manifest_of(paths.runs, name)
    metrics, verdict = read_json(folder / "metrics.json"), _optional(folder / "gate.json")
    dataset, ended = manifest["dataset"], datetime.fromisoformat(manifest["trained_at"])
    milliseconds = int(ended.timestamp() * 1000)
    judged = ("blessed" if verdict.get("blessed") else "held") if verdict else "not judged"
    params = {
        **manifest["parameters"],
        "seed": manifest["seed"],
        "vectors_version": manifest["vectors_version"],
        "text_version": manifest["text_version"],
        "dataset_version": dataset["number"],
        "dataset_rows": dataset["rows"],
    }
    tags = {
        "satispy.family": manifest["family"],
        "satispy.job": manifest["job"],
        "satispy.dag_run": manifest["dag_run"],
        "satispy.dataset_chain": dataset["chain"],
        "satispy.gate": judged,
        "satispy.gate_reason": verdict.get("reason", ""),
        "mlflow.note.content": manifest.get("about", ""),
    }
    return TrackedRun(
        name=name,
        folder=folder,
        began=milliseconds - int(manifest["train_seconds"] * 1000),
        ended=milliseconds,
        params={key: str(value) for key, value in params.items()},
        metrics=_scores(metrics) | _numbers(manifest, OF_TRAINING),
        tags={key: str(value) for key, value in tags.items()},
        curves=curves_of(manifest),
        dataset=TrackedDataset(
            paths.base.name, str(paths.base), dataset["chain"], dataset["rows"], COLUMNS
        ),
    )


def curves_of(training: Mapping[str, Any]) -> dict[str, list[tuple[int, float]]]:
    """Return the learning curve of a training; empty where it kept none."""
    curve = training.get("learning_curve") or {}
    steps = curve.get("steps", [])
    return {
        f"curve_{name}": list(zip(steps, values, strict=True))
        for name, values in curve.items()
        if name != "steps" and isinstance(values, list) and len(values) == len(steps)
    }


def tracked_versions(decisions: Sequence[Decision]) -> dict[str, list[TrackedVersion]]:
    """Return every run that was decided upon, by family and in the order of the decisions.

    The champion's family comes first: so there is one at each moment while its alias moves.
    """
    serving: dict[str, str] = {}
    champion = ""
    last: dict[str, Decision] = {}
    for decision in decisions:
        if decision.event == CROWNED:
            champion = decision.family
            continue
        last[decision.run] = decision  # keeps the place of the first
        if decision.event in MOVES:
            serving[decision.family] = decision.run
    found: dict[str, list[TrackedVersion]] = {}
    for run, decision in last.items():
        family = decision.family
        serves = serving.get(family) == run
        title = {CHAMPION if family == champion else CHALLENGER} if champion else set()
        found.setdefault(family, []).append(
            TrackedVersion(
                run,
                _tags_of(decision, serves=serves),
                frozenset({SERVING, *title}) if serves else frozenset(),
            )
        )
    return dict(sorted(found.items(), key=lambda item: (item[0] != champion, item[0])))


def _tags_of(decision: Decision, *, serves: bool) -> dict[str, str]:
    held = decision.event == HELD
    return {
        "satispy.state": "serving" if serves else "held" if held else "earlier",
        "satispy.decision": f"{decision.number}: {decision.event}",
        "satispy.by": decision.by,
        "satispy.at": decision.at,
        "satispy.reason": decision.reason,
    }


def _scores(metrics: Mapping[str, Any]) -> dict[str, float]:
    held_out = metrics.get("held_out") or {}
    return {
        **_numbers(metrics, _with_ends(HEADLINE)),
        **_numbers(metrics.get("details", {}), _with_ends(DETAILS)),
        **_numbers(held_out, _with_ends(HEADLINE), "held_out_"),
        **_numbers(held_out.get("details", {}), DETAILS, "held_out_"),
    }


def _with_ends(names: Sequence[str]) -> list[str]:
    return [f"{name}{end}" for name in names for end in ("", "_low", "_high")]


def _numbers(found: Mapping[str, Any], names: Sequence[str], prefix: str = "") -> dict[str, float]:
    """Return those of these values that are there and are numbers."""
    return {
        prefix + name: float(found[name])
        for name in names
        if isinstance(found.get(name), int | float)
    }


def _optional(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = read_json(path) if path.is_file() else {}
    return found

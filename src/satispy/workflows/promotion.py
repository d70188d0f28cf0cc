"""What people do with models: list them, promote one, go back, ask who answered when, prune."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from satispy.core.clock import Clock, system_clock
from satispy.core.errors import ArtifactDamaged, InvalidInput, NotFound
from satispy.core.files import beside, read_json
from satispy.core.settings import Paths, Settings
from satispy.core.types import METRICS
from satispy.models.catalog import family_names
from satispy.registry import runs
from satispy.registry.history import CROWNED, HELD, MOVES, Decision
from satispy.registry.serving import CHAMPION, ServingPointers
from satispy.workflows.published_run import open_run
from satispy.workflows.shared_store import pointers_of

__all__ = [
    "CHAMPION",
    "Decision",
    "KnownRun",
    "history",
    "known_run",
    "known_runs",
    "promote",
    "prune",
    "roll_back",
    "settle",
    "who_answered",
]

SERVING, WAITING, EARLIER, DAMAGED = "serving", "held", "earlier", "damaged"
LONGEST_COMMENT = 2000


@dataclass(frozen=True)
class KnownRun:
    """A run on disk, and what was decided about it last.

    Attributes
    ----------
    run, family, trained_at
        From its manifest.
    dataset_version, rows
        What it learnt from.
    state
        ``serving``, ``held``, ``earlier`` (served once, or was never decided upon), ``damaged``.
    champion
        Whether it is the one that answers for all.
    decision
        The last one about it; None where there was none.
    scores
        Accuracy and both F1 on the exam of its day.
    """

    run: str
    family: str
    trained_at: str
    dataset_version: int
    rows: int
    state: str
    champion: bool
    decision: Decision | None
    scores: dict[str, float]


def known_runs(settings: Settings) -> list[KnownRun]:
    """Return every run, newest first."""
    pointers = ServingPointers(settings.paths.serving)
    serving = {pointer.run for pointer in pointers.all()}
    champion = _champion(pointers)
    last = {decision.run: decision for decision in pointers.history() if decision.event != CROWNED}
    found = []
    for name in reversed(runs.names(settings.paths.runs)):
        try:
            changed_at = (settings.paths.runs / name).stat().st_mtime_ns
            manifest, scores = _facts(settings.paths.runs, name, changed_at)
        except (NotFound, ArtifactDamaged, OSError):
            manifest, scores = {"family": name.rpartition("-")[2]}, {}
        decision = last.get(name)
        held = decision is not None and decision.event == HELD
        state = SERVING if name in serving else WAITING if held else EARLIER
        found.append(
            KnownRun(
                run=name,
                family=manifest["family"],
                trained_at=manifest.get("trained_at", ""),
                dataset_version=manifest.get("dataset", {}).get("number", -1),
                rows=manifest.get("dataset", {}).get("rows", -1),
                state=state if scores else DAMAGED,
                champion=name == champion,
                decision=decision,
                scores=scores,
            )
        )
    return found


def known_run(settings: Settings, run: str) -> tuple[KnownRun, list[Decision], dict[str, Any]]:
    """Return a run, every decision about it, and the verdict of the gate (empty without one).

    Raises
    ------
    NotFound
        If there is no such run.
    """
    _folder(settings.paths, run)
    (found,) = (one for one in known_runs(settings) if one.run == run)
    decisions = [one for one in ServingPointers(settings.paths.serving).history() if one.run == run]
    return found, decisions, _verdict(settings.paths, run)


def history(settings: Settings) -> list[Decision]:
    """Return every decision, oldest first, after comparing the chain.

    Raises
    ------
    ArtifactDamaged
        If a line was changed, taken out or put in.
    """
    pointers = ServingPointers(settings.paths.serving)
    pointers.verify()
    return pointers.history()


def settle(settings: Settings) -> None:
    """Write the pointers anew, as the history says."""
    pointers_of(settings).settle()


def who_answered(settings: Settings, moment: datetime) -> dict[str, Decision]:
    """Return which run answered at a moment: family, or ``champion``, to the decision behind it."""
    return ServingPointers(settings.paths.serving).at(moment)


def promote(
    settings: Settings,
    run: str,
    *,
    by: str,
    comment: str = "",
    champion: bool = False,
    clock: Clock = system_clock,
) -> Decision | None:
    """Let a run answer for its family, whatever answers now.

    Parameters
    ----------
    settings
        Name the home.
    run
        Which.
    by
        Who decides.
    comment
        Why; needed where the gate did not bless the run.
    champion
        Whether its family becomes the champion too.
    clock
        Dates the decision.

    Returns
    -------
    Decision or None
        The last one that this led to; None where nothing changed.

    Raises
    ------
    NotFound
        If there is no such run.
    ArtifactDamaged
        If the run, or its word vectors, cannot be read: what cannot answer is not promoted.
    InvalidInput
        If a comment is needed, or too long.
    """
    _check_comment(comment)
    _folder(settings.paths, run)
    open_run(settings.paths, run, {})
    family = str(runs.manifest_of(settings.paths.runs, run)["family"])
    verdict = _verdict(settings.paths, run)
    overrides = not verdict.get("blessed", False)
    if overrides and not comment.strip():
        held = verdict.get("reason", "it was never judged")
        raise InvalidInput(
            f"expected a comment, for the gate did not bless {run}: {held}; say why it shall serve"
        )
    pointers = pointers_of(settings)
    pointers.settle()
    facts = {"by": by, "comment": comment, "overrides": overrides}
    reason = f"promoted by {by}" + (" against the gate" if overrides else "")
    decision = pointers.promote(
        family, run, clock(), reason=reason, checks=verdict.get("checks", []), **facts
    )
    if champion:
        crowned = pointers.crown(family, clock(), reason=f"chosen by {by}", **facts)
        return crowned or decision
    return decision


def roll_back(
    settings: Settings, family: str, *, by: str, comment: str = "", clock: Clock = system_clock
) -> Decision:
    """Let the run answer again that served a family before the present one.

    Runs that are gone or damaged by now are passed over.

    Raises
    ------
    NotFound
        If there is no such family, nothing served it before, or nothing of it can be read.
    InvalidInput
        If the comment is too long.
    """
    _check_comment(comment)
    pointers = pointers_of(settings)
    pointers.settle()
    if pointers.of(family) is None:
        served = ", ".join(pointer.family for pointer in pointers.all()) or "none"
        known = ", ".join(family_names())
        raise NotFound(
            f"no model serves {family[:40]!r}; families are {known}, of which serve: {served}"
        )
    passed_over = []
    for run in pointers.before(family):
        try:
            open_run(settings.paths, run, {})
        except (NotFound, ArtifactDamaged) as error:
            passed_over.append(f"{run}: {error}")
            continue
        reason = f"rolled back by {by}"
        if passed_over:
            reason += f"; passed over, for they cannot be read: {'; '.join(passed_over)}"
        decision = pointers.roll_back(family, run, clock(), by=by, comment=comment, reason=reason)
        if decision is not None:
            return decision
    raise NotFound(
        f"expected an earlier run of {family} to go back to, but there is none that can be read"
        + (f": {'; '.join(passed_over)}" if passed_over else "; promote another run instead")
    )


def prune(settings: Settings, keep: int, *, dry_run: bool = False) -> list[str]:
    """Remove runs that nobody will go back to; return their names, oldest first.

    Parameters
    ----------
    settings
        Name the home.
    keep
        Runs that the newest so many decisions name stay, and what serves stays always.
    dry_run
        Only tell.
    """
    if keep < 1:
        raise InvalidInput(f"expected to keep at least 1 decision, but received {keep}")
    pointers = pointers_of(settings)
    pointers.settle()
    decisions = pointers.history()
    needed = {pointer.run for pointer in pointers.all()}
    for decision in decisions[-keep:]:
        needed.add(decision.run)
        if decision.event in MOVES and decision.previous is not None:
            needed.add(decision.previous)
    decided = {decision.run for decision in decisions}
    gone = [
        name
        for name in runs.names(settings.paths.runs)
        if name not in needed and name in decided  # what is not decided upon yet may be at work
    ]
    for name in [] if dry_run else gone:
        folder = settings.paths.runs / name
        aside = beside(folder)
        folder.rename(aside)  # at once, for a reader: whole or not at all
        shutil.rmtree(aside)
    return gone


@lru_cache(maxsize=4096)
def _facts(folder: Path, run: str, _changed_at: int) -> tuple[dict[str, Any], dict[str, float]]:
    """Return what is listed of a run: 500 of them would take a second to read each time."""
    manifest = runs.manifest_of(folder, run)
    metrics = read_json(folder / run / "metrics.json")
    listed = ("family", "trained_at", "dataset")
    scores = {name: metrics[name] for name in METRICS if name in metrics}
    return {name: manifest[name] for name in listed if name in manifest}, scores


def _champion(pointers: ServingPointers) -> str | None:
    champion = pointers.champion()
    now = pointers.of(champion.family) if champion else None
    return now.run if now else None


def _folder(paths: Paths, run: str) -> Path:
    if run not in runs.names(paths.runs):
        raise NotFound(f"no run {run[:80]!r}; satispy models list, or GET /models, names them")
    return paths.runs / run


def _verdict(paths: Paths, run: str) -> dict[str, Any]:
    path = paths.runs / run / "gate.json"
    found: dict[str, Any] = read_json(path) if path.is_file() else {}
    return found


def _check_comment(comment: str) -> None:
    if len(comment) > LONGEST_COMMENT:
        raise InvalidInput(
            f"expected a comment of at most {LONGEST_COMMENT} characters, but received "
            f"{len(comment)}"
        )

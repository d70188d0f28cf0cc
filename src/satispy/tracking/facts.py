"""What MLflow is told of a run and of its version: plain values, ready to be sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

RUN = "satispy.run"
"""The tag by which a run, and a version, are found again: the name of the run's folder."""

CHAMPION, CHALLENGER, SERVING = "champion", "challenger", "serving"
ALIASES = (CHAMPION, CHALLENGER, SERVING)
"""The aliases that are ours; others stay as somebody set them."""


@dataclass(frozen=True)
class TrackedDataset:
    """The version of the base that a run learnt from.

    Attributes
    ----------
    name, source
        File name of the base, and its path.
    digest
        The chain hash of the version; MLflow keeps 36 characters of it.
    rows
        Reviews in it.
    columns
        Of the base.
    """

    name: str
    source: str
    digest: str
    rows: int
    columns: Sequence[str]


@dataclass(frozen=True)
class TrackedRun:
    """A run.

    Attributes
    ----------
    name
        Of its folder.
    folder
        Whose files become its artifacts.
    began, ended
        Of the training, in ms since 1970.
    params, metrics, tags
        By name.
    curves
        Metrics that have a value at each of several steps: name to (step, value).
    dataset
        What it learnt from.
    """

    name: str
    folder: Path
    began: int
    ended: int
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    curves: Mapping[str, Sequence[tuple[int, float]]]
    dataset: TrackedDataset


@dataclass(frozen=True)
class TrackedVersion:
    """A version of a registered model: a run that was decided upon.

    Attributes
    ----------
    run
        Its name.
    tags
        What was decided, and why.
    aliases
        Those of `ALIASES` that it bears now.
    """

    run: str
    tags: Mapping[str, str]
    aliases: frozenset[str] = frozenset()

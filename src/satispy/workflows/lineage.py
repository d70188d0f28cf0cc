"""Where an answer came from: prediction, run, dataset version, uploads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from satispy.core.errors import NotFound
from satispy.core.types import DatasetVersion
from satispy.data.ledger import Entry
from satispy.monitoring.predictions import KeptPrediction
from satispy.registry import runs
from satispy.workflows.base import is_erased
from satispy.workflows.opening import Home


@dataclass(frozen=True)
class UploadOrigin:
    """One upload that a dataset version holds rows of."""

    upload_id: str
    filename: str
    sha256: str
    received_by: str
    received_at: datetime
    rows_accepted: int
    dataset_version: int

    def __str__(self) -> str:
        """Say it in a line."""
        return (
            f"upload {self.upload_id} ({self.filename}, sha256 {self.sha256[:16]}): "
            f"{self.rows_accepted} rows, by {self.received_by} at "
            f"{self.received_at:%Y-%m-%d %H:%M} UTC (version {self.dataset_version})"
        )


@dataclass(frozen=True)
class Lineage:
    """Where a run came from.

    Attributes
    ----------
    run, family, trained_at, dag_run, job
        The run.
    code_version, text_version, seed
        What made it.
    vectors_version, vectors_sha256
        Its word vectors.
    dataset
        The version of the base; ``erased`` tells whether its bytes are gone by now.
    erased
        As above.
    uploads
        Those that the version holds rows of, oldest first.
    comments, comment_rows
        Ledger entries of single comments among them, and their rows.
    rewritten
        When and why the base was written anew before that version: erasures, maskings.
    """

    run: str
    family: str
    trained_at: str
    dag_run: str
    job: str
    code_version: str | None
    text_version: str
    seed: int
    vectors_version: str
    vectors_sha256: str
    dataset: DatasetVersion
    erased: bool
    uploads: list[UploadOrigin]
    comments: int
    comment_rows: int
    rewritten: list[str]


def lineage_of_run(home: Home, run: str) -> Lineage:
    """Follow a run back to the uploads.

    Raises
    ------
    NotFound
        If there is no such run.
    """
    paths = home.settings.paths
    if run not in runs.names(paths.runs):
        raise NotFound(f"no run {run[:80]!r}; satispy models list, or GET /models, names them")
    manifest = runs.manifest_of(paths.runs, run)
    version = DatasetVersion(**manifest["dataset"])
    history = home.store.history
    entries, comments, comment_rows = (
        history.behind(version) if history.knows(version) else ([], 0, 0)
    )
    return Lineage(
        run=run,
        family=manifest["family"],
        trained_at=manifest["trained_at"],
        dag_run=manifest["dag_run"],
        job=manifest["job"],
        code_version=_code_version(manifest),
        text_version=manifest["text_version"],
        seed=manifest["seed"],
        vectors_version=manifest["vectors_version"],
        vectors_sha256=manifest["vectors_sha256"],
        dataset=version,
        erased=is_erased(home, version),
        uploads=[_origin(one) for one in entries if one.kind == "upload"],
        comments=comments,
        comment_rows=comment_rows,
        rewritten=[
            f"{one.kind} at {one.received_at:%Y-%m-%d %H:%M} UTC by {one.received_by} "
            f"(version {one.number})"
            for one in entries
            if one.kind not in ("upload", "genesis")
        ],
    )


def uploads_behind(home: Home, version: DatasetVersion) -> list[UploadOrigin]:
    """Return the uploads that a dataset version holds rows of, oldest first."""
    history = home.store.history
    entries = history.behind(version)[0] if history.knows(version) else []
    return [_origin(one) for one in entries if one.kind == "upload"]


def find_prediction(home: Home, prediction_id: str) -> KeptPrediction:
    """Return a prediction that was kept.

    Raises
    ------
    NotFound
        If there is none: never made, not kept, or forgotten by now.
    """
    # An id of ours is printable, and PostgreSQL does not even take the question of one with NUL.
    found = home.predictions.find(prediction_id) if prediction_id.isprintable() else None
    if found is None:
        days = home.settings.prediction_days
        kept = f"predictions are kept for {days} days" if days else "predictions are not kept"
        raise NotFound(f"no prediction {prediction_id[:40]!r}; {kept} (SATISPY_PREDICTION_DAYS)")
    return found


def _origin(entry: Entry) -> UploadOrigin:
    return UploadOrigin(
        upload_id=entry.upload_id or "",
        filename=entry.filename or "",
        sha256=entry.sha256 or "",
        received_by=entry.received_by,
        received_at=entry.received_at,
        rows_accepted=entry.rows_accepted,
        dataset_version=entry.number,
    )


def _code_version(manifest: dict[str, Any]) -> str | None:
    code = manifest.get("code_version")
    if code is None:  # a run of an earlier version
        known = manifest.get("libraries", {}).get("satispy")
        return None if known is None else str(known)
    changed = ", with changes that were not committed" if code["changed"] else ""
    commit = f", commit {code['commit']}{changed}" if code["commit"] else ""
    return f"{code['satispy']}{commit}"

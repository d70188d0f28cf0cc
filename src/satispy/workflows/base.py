"""The base in the care of its admin: verified, exported, restored, adopted, erased, masked."""

import logging
import os
import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import polars as pl
from sqlalchemy.engine import Connection

from satispy.core.errors import ArtifactDamaged, InvalidInput
from satispy.core.files import beside, disk_explained, sync_folder
from satispy.core.types import DatasetVersion
from satispy.data import column_shelf, generations, verification
from satispy.data.ledger import Entry
from satispy.data.masking import mask_personal_data
from satispy.data.snapshot import copy_version
from satispy.feedback import entries
from satispy.registry import runs
from satispy.workflows.neighbours import follow_base
from satispy.workflows.opening import Home
from satispy.workflows.retraining.jobs import forget_jobs_before

log = logging.getLogger(__name__)

Verification = verification.Verification
Restored = generations.Restored


@dataclass(frozen=True)
class Version:
    """A dataset version, and whether it can be read still."""

    entry: Entry
    readable: bool


@dataclass(frozen=True)
class Rewritten:
    """A new generation of the base, and what stands outside it.

    Attributes
    ----------
    entry
        The one that began it.
    jobs
        Working folders of retrainings that were removed, for they held the former texts.
    runs
        Models that learnt from a version that is gone.
    copies
        Files that `restore` kept aside: they hold the former rows.
    feedback
        Corrections that were removed with them.
    """

    entry: Entry
    jobs: list[str]
    runs: list[str]
    copies: list[Path]
    feedback: int = 0


def verify_base(home: Home) -> Verification:
    """Compare the base with the ledger, byte by byte."""
    return verification.verify(home.store)


def newest_versions(home: Home, limit: int) -> list[Version]:
    """Return the newest versions, newest first."""
    entries = home.store.history.newest(limit)
    return [Version(entry, entry.generation == entries[0].generation) for entry in entries]


def write_version(home: Home, number: int | None, out: BinaryIO) -> Entry:
    """Write a version, the newest by default, byte by byte as it was committed."""
    chosen = home.store.history.current().number if number is None else number
    return copy_version(home.store, chosen, out)


def export_version(home: Home, number: int | None, target: Path) -> Entry:
    """Write a version into a new file, which is there whole or not at all.

    Raises
    ------
    InvalidInput
        If there is such a file already.
    NotFound, VersionErased, BaseDamaged
        If the version cannot be read.
    """
    if target.exists():
        raise InvalidInput(f"expected a new file, but {target} is there already; name another one")
    aside = beside(target)
    try:
        with disk_explained(target), aside.open("xb") as file:
            entry = write_version(home, number, file)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)
    sync_folder(target.parent)
    return entry


def restore_base(home: Home, backups: Sequence[Path]) -> Restored:
    """Put the committed rows back; see `generations.restore`."""
    if absent := [str(path) for path in backups if not path.is_file()]:
        raise InvalidInput(f"expected copies of data_MAJ.csv, but found no {', '.join(absent)}")
    return generations.restore(home.store, backups)


def adopt_base(home: Home, by: str) -> Rewritten:
    """Take the base as it lies there as a new one; see `generations.adopt`."""
    _forget_former(home)
    return _rewritten(home, generations.adopt(home.store, by))


def require_reviews(home: Home, row_ids: Collection[int]) -> None:
    """Raise `NotFound` unless the base holds all of these rows."""
    generations.require(home.store, row_ids)


def erase_reviews(home: Home, row_ids: Collection[int], by: str) -> Rewritten:
    """Write the base anew without some rows, and remove what feedback says the same.

    Rows that stand in for the erased ones, since somebody corrected them, go too.
    """
    _forget_former(home)
    gone: list[int] = []

    def forget(connection: Connection, found: set[int], texts: set[str]) -> None:
        gone.extend(entries.forget_rows(connection, found, texts))

    with home.database.reading() as connection:
        copies = entries.replacements(connection)
    entry = generations.erase(home.store, row_ids, by, copies=copies, also=forget)
    home.database.clear_log()
    return replace(_rewritten(home, entry), feedback=len(gone))


def mask_base(home: Home, by: str) -> Rewritten | None:
    """Write the base anew with masked texts; None where there is nothing to mask."""
    _forget_former(home)
    entry = generations.mask(home.store, mask_personal_data, by)
    return None if entry is None else _rewritten(home, entry)


def mask_feedback(home: Home) -> int:
    """Mask what people wrote as feedback; return how many corrections that changed."""

    def masked(texts: list[str]) -> list[str]:
        return mask_personal_data(pl.Series(texts, dtype=pl.String)).to_list()

    with home.database.writing() as connection:
        changed = entries.mask(connection, masked)
    if changed:
        home.database.clear_log()
    return changed


def is_erased(home: Home, version: DatasetVersion) -> bool:
    """Tell whether the base was written anew since it was in this state, or never was in it."""
    head = home.store.history.current()
    return not home.store.history.knows(version, generation=head.generation)


def _rewritten(home: Home, entry: Entry) -> Rewritten:
    paths = home.settings.paths
    jobs = _forget_former(home)
    return Rewritten(
        entry=entry,
        jobs=jobs,
        runs=[name for name in runs.names(paths.runs) if _learnt_from_gone(home, name)],
        copies=sorted(paths.base.parent.glob(f"{paths.base.name}.*.replaced")),
    )


def _forget_former(home: Home) -> list[str]:
    """Remove what holds the texts of former generations; return the names of the jobs.

    It comes before a change of generation too, for the last one may have died half way through.
    """
    paths = home.settings.paths
    if paths.prepared.exists():
        shutil.rmtree(paths.prepared)
    column_shelf.forget(paths.base)
    follow_base(home)
    history = home.store.history
    first = history.first_of_generation(history.current().generation)
    return forget_jobs_before(paths.jobs, first)


def _learnt_from_gone(home: Home, run: str) -> bool:
    try:
        manifest = runs.manifest_of(home.settings.paths.runs, run)
        return is_erased(home, DatasetVersion(**manifest["dataset"]))
    except (ArtifactDamaged, KeyError, TypeError):
        log.warning("%s does not say what it learnt from; remove it", run)
        return True

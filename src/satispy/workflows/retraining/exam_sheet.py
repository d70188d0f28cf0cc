"""What the judgement knows of the reviews of a job, and models never read: source, stars, dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from satispy.core.errors import ArtifactDamaged
from satispy.evaluation.slices import Traits
from satispy.evaluation.yardsticks import source_rule_by_fold
from satispy.workflows.retraining.jobs import Job

HELD_OUT = "held_out.parquet"
"""In a candidate's folder: id, fold, label and probability of each review it was checked on."""
_COLUMNS = ("id", "words", "label", "star", "source", "company", "date")


@dataclass(frozen=True)
class Sheet:
    """The reviews of one side, in the order of `read_side`: ids, labels (n,) and traits."""

    ids: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int8]
    traits: Traits


@dataclass(frozen=True)
class HeldOut:
    """Held-out predictions with what is known of their reviews, n of each."""

    labels: npt.NDArray[np.int8]
    probabilities: npt.NDArray[np.float32]
    folds: npt.NDArray[np.int64]
    by_rule: npt.NDArray[np.int8]
    traits: Traits


def read_sheet(job: Job, *, exam: bool) -> Sheet:
    """Read one side of a job's reviews."""
    return sheet_of(job.reviews, exam=exam)


def sheet_of(files: Sequence[Path], *, exam: bool) -> Sheet:
    """Read one side of prepared reviews; two reviews of the same words count as one text."""
    table = pq.read_table(
        list(files), columns=list(_COLUMNS), filters=[("exam", "==", exam)]
    ).combine_chunks()
    words = table["words"].combine_chunks()
    joined = pc.binary_join(words, " ").dictionary_encode()
    traits = Traits(
        texts=joined.indices.to_numpy().astype(np.int64),
        source=_stripped(table["source"]),
        company=_stripped(table["company"]),
        star=table["star"].to_numpy().astype(np.int64),
        words=pc.list_value_length(words).to_numpy().astype(np.int64),
        date=table["date"].to_pylist(),
    )
    labels = table["label"].to_numpy().astype(np.int8)
    return Sheet(table["id"].to_numpy().astype(np.int64), labels, traits)


def read_held_out(folder: Path, side: Sheet) -> HeldOut | None:
    """Read the held-out predictions of a candidate.

    Parameters
    ----------
    folder
        The candidate's.
    side
        The training side that it learnt from.

    Returns
    -------
    HeldOut or None
        None where the training left none.

    Raises
    ------
    ArtifactDamaged
        If the file cannot be read, or is not about reviews of this side.
    """
    path = folder / HELD_OUT
    if not path.is_file():
        return None
    try:
        table = pq.read_table(path, columns=["id", "fold", "label", "probability"])
        ids, folds = (table[name].to_numpy().astype(np.int64) for name in ("id", "fold"))
        labels = table["label"].to_numpy().astype(np.int8)
        probabilities = table["probability"].to_numpy().astype(np.float32)
    except (OSError, ValueError, KeyError) as error:  # Arrow's own errors are ValueErrors
        raise ArtifactDamaged(
            f"expected id, fold, label and probability in {path}, but: {error}; "
            f"clear train_{folder.name}"
        ) from error
    order = np.argsort(side.ids, kind="stable")
    places = order[np.minimum(np.searchsorted(side.ids[order], ids), len(order) - 1)]
    of_this_side = np.array_equal(side.ids[places], ids) and len(np.unique(ids)) == len(ids)
    if not (len(ids) and of_this_side and np.array_equal(side.labels[places], labels)):
        raise ArtifactDamaged(
            f"expected each review of {path} once, among the training side of this job and with "
            f"its label, but found others; clear train_{folder.name}"
        )
    fold_of_all = np.full(len(side.ids), -1, dtype=np.int64)
    fold_of_all[places] = folds
    by_rule = source_rule_by_fold(side.traits.source, side.labels, fold_of_all)
    return HeldOut(labels, probabilities, folds, by_rule[places], side.traits.take(places))


def _stripped(column: pa.ChunkedArray) -> list[str]:
    values: list[str] = pc.utf8_trim_whitespace(column).to_pylist()
    return values

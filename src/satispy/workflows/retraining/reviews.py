"""The preprocessed reviews of a job, as Parquet: lists of words stay lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from satispy.core.types import label_of_star
from satispy.workflows.retraining.jobs import Job

if TYPE_CHECKING:
    import pandas as pd

FILE = "reviews.parquet"
_WORDS = pa.list_(pa.string())


@dataclass(frozen=True)
class Side:
    """The reviews of one side of the exam: words of each, and labels (int8, shape (n,))."""

    words: list[list[str]]
    labels: npt.NDArray[np.int8]


def write_reviews(
    job: Job, snapshot: pd.DataFrame, words: Sequence[Sequence[str]], exam: Sequence[bool]
) -> None:
    """Write the reviews of a snapshot with their words, labels and sides."""
    table = pa.table(
        {
            "id": snapshot["inID"],
            "words": pa.array(words, _WORDS),
            "label": pa.array([label_of_star(star) for star in snapshot["star"]], pa.int8()),
            "exam": exam,
            "star": snapshot["star"].astype("int8"),
            **{name: snapshot[name] for name in ("source", "company", "date")},
        }
    )
    pq.write_table(table, job.folder / FILE)


def read_side(job: Job, *, exam: bool) -> Side:
    """Read the reviews of the exam, or those of training."""
    table = pq.read_table(
        job.folder / FILE, columns=["words", "label"], filters=[("exam", "==", exam)]
    )
    return Side(table["words"].to_pylist(), table["label"].to_numpy().astype(np.int8))

"""The preprocessed reviews of a job, as Parquet: lists of words stay lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
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


@dataclass(frozen=True)
class ReviewFacts:
    """What a model card says of the reviews.

    Attributes
    ----------
    negative
        Share of label 0, 0 to 1.
    median_words
        Of a review.
    sources
        Reviews by source, the largest first.
    right_by_source
        Share of the labels that the commonest label of the review's source gets right, 0 to 1.
    """

    negative: float
    median_words: float
    sources: dict[str, int]
    right_by_source: float


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


def facts_of(job: Job) -> ReviewFacts:
    """Describe the reviews of both sides."""
    table = pq.read_table(job.folder / FILE, columns=["words", "label", "source"])
    counted = table.group_by(["source", "label"]).aggregate([([], "count_all")]).to_pylist()
    by_source: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in counted:
        by_source[row["source"]][row["label"]] += row["count_all"]
    ordered = sorted(by_source.items(), key=lambda item: (-sum(item[1]), item[0]))
    return ReviewFacts(
        negative=sum(counts[0] for _, counts in ordered) / table.num_rows,
        median_words=float(np.median(pc.list_value_length(table["words"]).to_numpy())),
        sources={source: sum(counts) for source, counts in ordered},
        right_by_source=sum(max(counts) for _, counts in ordered) / table.num_rows,
    )

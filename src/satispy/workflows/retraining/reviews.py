"""The prepared reviews of a job, as Parquet: lists of words stay lists."""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
import pyarrow.parquet as pq

from satispy.core.files import folder_written_once
from satispy.workflows.retraining.jobs import Job

REVIEWS = "reviews"


@dataclass(frozen=True)
class Side:
    """The reviews of one side of the exam: ids (n,), words of each, labels (int8, (n,))."""

    ids: npt.NDArray[np.int64]
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


def take_reviews(job: Job, parts: Sequence[Path]) -> None:
    """Let a job hold its reviews, whatever becomes of the parts: prepared files, in order.

    The files are linked, not copied, where the file system can.
    """
    shutil.rmtree(job.folder / REVIEWS, ignore_errors=True)
    with folder_written_once(job.folder / REVIEWS) as folder:
        for part in parts:
            try:
                os.link(part, folder / part.name)
            except OSError:  # no hard links here, or too many of this file: a copy does as well
                shutil.copyfile(part, folder / part.name)


def read_side(job: Job, *, exam: bool) -> Side:
    """Read the reviews of the exam, or those of training."""
    table = pq.read_table(
        job.folder / REVIEWS, columns=["id", "words", "label"], filters=[("exam", "==", exam)]
    )
    return Side(
        table["id"].to_numpy().astype(np.int64),
        table["words"].to_pylist(),
        table["label"].to_numpy().astype(np.int8),
    )


def facts_of(job: Job) -> ReviewFacts:
    """Describe the reviews of both sides."""
    table = pq.read_table(job.folder / REVIEWS, columns=["words", "label", "source"])
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

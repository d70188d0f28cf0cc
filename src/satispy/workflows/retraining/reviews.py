"""Prepared reviews, as Parquet: lists of words stay lists.

Read a row group at a time, so that what a step holds is what it asked for, whatever the base.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from satispy.core.files import folder_written_once
from satispy.features.vectors import WordCount
from satispy.workflows.retraining.corrected import copy_without
from satispy.workflows.retraining.jobs import Job

ROWS_AT_ONCE = 50_000


@dataclass(frozen=True)
class Side:
    """The reviews of one side of the exam, or a draw of them.

    Attributes
    ----------
    ids
        int64, shape (n,).
    words
        Of each review, n lists.
    labels
        int8, shape (n,).
    total
        Reviews that the side has, n or more.
    """

    ids: npt.NDArray[np.int64]
    words: list[list[str]]
    labels: npt.NDArray[np.int8]
    total: int


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


def take_reviews(job: Job, parts: Sequence[Path], *, without: Collection[int] = ()) -> None:
    """Let a job hold its reviews, whatever becomes of the parts: prepared files, in order.

    The files are linked, not copied, where the file system can, but for those that hold a review
    which is to be left out.
    """
    shutil.rmtree(job.reviews_folder, ignore_errors=True)
    with folder_written_once(job.reviews_folder) as folder:
        for part in parts:
            if without and copy_without(part, folder / part.name, without):
                continue
            try:
                os.link(part, folder / part.name)
            except OSError:  # no hard links here, or too many of this file: a copy does as well
                shutil.copyfile(part, folder / part.name)


def read_side(files: Sequence[Path], *, exam: bool, most: int | None = None) -> Side:
    """Read the reviews of the exam, or those of training.

    Parameters
    ----------
    files
        Prepared reviews, in order: of a job, or as `satispy.workflows.retraining.prepared` made
        them.
    exam
        Which side.
    most
        Of more reviews than so many a draw is read: those of the texts with the smallest numbers
        (`satispy.workflows.retraining.prepared.draw_of`), in the order of the base. No others are
        ever held in memory.

    Returns
    -------
    Side
        Equal words are one string in memory, for a base repeats its words.
    """
    chosen, total = _draw(files, exam=exam, most=most)
    known: dict[str, str] = {}
    ids, words, labels = [], [], []
    at = 0
    for part in _batches(files, ["id", "words", "label"]):
        kept = part.filter(pa.array(chosen[at : at + part.num_rows]))
        at += part.num_rows
        ids.append(kept["id"].to_numpy())
        labels.append(kept["label"].to_numpy())
        words += _lists(kept["words"], known)
    return Side(
        np.concatenate([*ids, np.empty(0, np.int64)]),
        words,
        np.concatenate([*labels, np.empty(0, np.int8)]),
        total,
    )


def count_words(files: Sequence[Path]) -> tuple[WordCount, WordCount]:
    """Count the words of the training side, and those of both sides."""
    learnt: Counter[str] = Counter()
    examined: Counter[str] = Counter()
    for part in _batches(files, ["words", "exam"]):
        for counter, side in ((learnt, pc.invert(part["exam"])), (examined, part["exam"])):
            found = pc.value_counts(pc.list_flatten(part["words"].filter(side)))
            words, counts = found.flatten()
            counter.update(dict(zip(words.to_pylist(), counts.to_pylist(), strict=True)))
    return WordCount(learnt), WordCount(learnt + examined)


def sizes(files: Sequence[Path]) -> tuple[int, int]:
    """Return how many reviews the training side and the exam have."""
    examined = sum(pc.sum(part["exam"]).as_py() or 0 for part in _batches(files, ["exam"]))
    return sum(part.num_rows for part in _batches(files, ["exam"])) - examined, examined


def each_text(
    files: Sequence[Path],
) -> tuple[int, Iterator[tuple[npt.NDArray[np.int64], list[list[str]]]]]:
    """Read each distinct text of both sides once: how many, then ids and words, some at a time.

    Of reviews with the same words, the newest stands for all.
    """
    draws = [_numbers(part["draw"]) for part in _batches(files, ["draw"])]
    together = np.concatenate([*draws, np.empty(0, np.uint64)])[::-1]
    newest = np.zeros(len(together), dtype=np.bool_)
    newest[np.unique(together, return_index=True)[1]] = True
    newest = newest[::-1]

    def some() -> Iterator[tuple[npt.NDArray[np.int64], list[list[str]]]]:
        at = 0
        for part in _batches(files, ["id", "words"]):
            kept = part.filter(_flags(newest[at : at + part.num_rows]))
            at += part.num_rows
            yield _numbers(kept["id"]), _lists(kept["words"], {})

    return int(newest.sum()), some()


def facts_of(files: Sequence[Path]) -> ReviewFacts:
    """Describe the reviews of both sides."""
    by_source: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    lengths = []
    for part in _batches(files, ["words", "label", "source"]):
        lengths.append(pc.list_value_length(part["words"]).to_numpy())
        pairs = pa.table({name: part[name] for name in ("source", "label")})
        counted = pairs.group_by(["source", "label"]).aggregate([([], "count_all")])
        for row in counted.to_pylist():
            by_source[row["source"]][row["label"]] += row["count_all"]
    ordered = sorted(by_source.items(), key=lambda item: (-sum(item[1]), item[0]))
    rows = sum(map(len, lengths))
    return ReviewFacts(
        negative=sum(counts[0] for _, counts in ordered) / rows,
        median_words=float(np.median(np.concatenate(lengths))),
        sources={source: sum(counts) for source, counts in ordered},
        right_by_source=sum(max(counts) for _, counts in ordered) / rows,
    )


def _batches(files: Sequence[Path], columns: list[str]) -> Iterator[pa.RecordBatch]:
    """Yield the reviews of both sides in order, some of them at a time."""
    for path in files:
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(ROWS_AT_ONCE, columns=columns)


def _draw(
    files: Sequence[Path], *, exam: bool, most: int | None
) -> tuple[npt.NDArray[np.bool_], int]:
    """Return which reviews of both sides are to be read, and how many the side has."""
    sides, draws = [np.empty(0, np.bool_)], [np.empty(0, np.uint64)]
    for part in _batches(files, ["exam", "draw"]):
        sides.append(part["exam"].to_numpy(zero_copy_only=False))
        draws.append(part["draw"].to_numpy())
    rows = np.flatnonzero(np.concatenate(sides) == exam)
    total, chosen = len(rows), np.zeros(sum(map(len, sides)), dtype=np.bool_)
    if most is not None and most < total:
        # stable: of one text that only partly fits, the rows that came first stay for ever
        rows = rows[np.argsort(np.concatenate(draws)[rows], kind="stable")[:most]]
    chosen[rows] = True
    return chosen, total


def _numbers(column: pa.Array) -> npt.NDArray[Any]:
    """Return numbers without nulls; pyarrow's own `to_numpy` would load pandas for it."""
    return np.from_dlpack(column)


def _flags(mask: npt.NDArray[np.bool_]) -> pa.BooleanArray:
    """Return flags as pyarrow has them; `pyarrow.array` would load pandas for it."""
    bits = pa.py_buffer(np.packbits(mask, bitorder="little").tobytes())
    return pa.Array.from_buffers(pa.bool_(), len(mask), [None, bits])


def _lists(column: pa.ListArray, known: dict[str, str]) -> list[list[str]]:
    """Return lists of words; several times faster than `to_pylist`, and a tenth of the memory."""
    encoded = pc.list_flatten(column).dictionary_encode()
    words = [known.setdefault(word, word) for word in encoded.dictionary.to_pylist()]
    each = np.array(words, dtype=object)[_numbers(encoded.indices)].tolist()
    ends = np.cumsum(_numbers(pc.list_value_length(column))).tolist()
    return [each[start:end] for start, end in zip([0, *ends], ends, strict=False)]

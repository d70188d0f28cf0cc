"""Any number of synthetic reviews that read, and grow in vocabulary, like some real ones.

A review takes its length from a real one and is spliced from runs of words of real ones of the same
label, so words, pairs and punctuation are as common as they are there. Splicing alone would add no
word, whereas real vocabulary grows with a power of the reviews (Heaps' law; on the real reviews the
exponent is 0.51 from 8 000 to 15 700 of them). So a small share of the words is replaced by coined
ones, of which as many are in use by then as the law says, the earlier ones the more often.
The same real reviews give the same bytes.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from satispy.core.types import label_of_star

HEAPS = 0.51
COINED_SHARE = 0.02  # as many as the words that occur once in the real reviews, roughly
RUN = 6  # words taken over in a row
ROWS_AT_ONCE = 50_000
SEED = 20
_SYLLABLES = [f"{one}{two}" for one in "bcdfglmnprstv" for two in ("a", "e", "i", "o", "u", "é")]


@dataclass(frozen=True)
class Real:
    """Real reviews as numbers: words of all of them, one after another, label 0 before label 1."""

    words: list[str]
    numbers: npt.NDArray[np.int64]
    begin: tuple[int, int, int]  # of label 0, of label 1, end
    lengths: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
    origins: tuple[list[tuple[str, str]], list[tuple[str, str]]]  # source and company of each

    @classmethod
    def read(cls, files: Sequence[Path]) -> "Real":
        """Read CSV files as they are uploaded."""
        rows: tuple[list[list[str]], list[list[str]]] = ([], [])
        origins: tuple[list[tuple[str, str]], list[tuple[str, str]]] = ([], [])
        for file in files:
            with file.open(encoding="utf-8-sig", newline="") as content:
                for row in csv.DictReader(content):
                    label = label_of_star(int(float(row["star"])))
                    rows[label].append(row["Commentaire"].split())
                    origins[label].append((row["source"], row["company"]))
        both = [word for side in rows for words in side for word in words]
        words = list(dict.fromkeys(both))
        number = {word: place for place, word in enumerate(words)}
        lengths = tuple(np.array([len(words) for words in side]) for side in rows)
        return cls(
            words,
            np.array([number[word] for word in both]),
            (0, int(lengths[0].sum()), len(both)),
            (lengths[0], lengths[1]),
            origins,
        )

    @property
    def rows(self) -> int:
        """How many reviews they are."""
        return sum(map(len, self.lengths))


def write_reviews(files: Sequence[Path], rows: int, target: Path, *, first: int = 0) -> None:
    """Write so many synthetic reviews as CSV; others begin at row `first` of the same sequence."""
    real = Real.read(files)
    with target.open("wb") as out:
        for at in range(first, first + rows, ROWS_AT_ONCE):
            part = _part(real, at, min(ROWS_AT_ONCE, first + rows - at))
            part.write_csv(out, include_header=at == first)


def _part(real: Real, first: int, rows: int) -> pl.DataFrame:
    chance = np.random.default_rng([SEED, first])
    negative = len(real.lengths[0])
    labels = (chance.integers(0, real.rows, rows) >= negative).astype(np.int64)
    model = np.where(labels, *(chance.integers(0, len(real.lengths[k]), rows) for k in (1, 0)))
    length = np.where(
        labels, *(real.lengths[k][np.minimum(model, len(real.lengths[k]) - 1)] for k in (1, 0))
    )
    ends = np.cumsum(length)
    row = np.repeat(np.arange(rows), length)
    place = np.arange(ends[-1]) - np.repeat(ends - length, length)
    runs = -(-length // RUN)
    begin = np.array(real.begin)
    starts = chance.integers(
        np.repeat(begin[labels], runs), np.repeat(begin[labels + 1] - RUN, runs)
    )
    taken = starts[np.repeat(np.cumsum(runs) - runs, length) + place // RUN] + place % RUN
    numbers = real.numbers[taken]
    coined = np.flatnonzero(chance.random(len(numbers)) < COINED_SHARE)
    in_use = len(real.words) * ((1 + (first + row[coined]) / real.rows) ** HEAPS - 1)
    coins = (in_use * chance.random(len(coined)) ** 2).astype(np.int64)
    numbers[coined] = len(real.words) + coins
    words = pa.array([*real.words, *_coined(real, int(coins.max(initial=-1)) + 1)])
    offsets = pa.array(np.concatenate(([0], ends)).astype(np.int32))
    texts = pc.binary_join(pa.ListArray.from_arrays(offsets, words.take(pa.array(numbers))), " ")
    sides, of = real.origins, zip(labels.tolist(), model.tolist(), strict=True)
    origins = [sides[label][place % len(sides[label])] for label, place in of]
    return pl.DataFrame(
        {
            "Commentaire": pl.from_arrow(texts),
            "star": np.where(labels, "5", "1"),
            "source": [source for source, _ in origins],
            "company": [company for _, company in origins],
            "index_org": np.arange(first, first + rows),
            "star_org": np.where(labels, "5", "1"),
            "date": ["2021-06-20 00:00:00+00:00"] * rows,
        }
    )


def _coined(real: Real, count: int) -> Iterator[str]:
    """Yield words that are none yet: the head of a real one, and its number in syllables."""
    for number in range(count):
        rest, tail = number, ""
        for _ in range(3):
            rest, digit = divmod(rest, len(_SYLLABLES))
            tail += _SYLLABLES[digit]
        yield "".join(filter(str.isalpha, real.words[number % len(real.words)]))[:3] + tail

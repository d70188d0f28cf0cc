"""Word vectors: import of published ones, training, and how long they stay good.

Usage: ``python benchmarks/bench_vectors.py --reviews FOLDER [--json PATH]``, where the folder holds
data_MAJ.csv and new_data_test_1.csv. Three parts: rows per second of a word2vec text import,
seconds and memory of a training on the reviews, done twice, which must give the same bytes; and
the scores of models whose vectors were learnt from the oldest part of the reviews alone. Ends with
1 if the import of words and entities, half and half as published, uncompressed, is below its aim,
or the two trainings differ.
"""

import bz2
import json
import os
import shutil
import sys
import tempfile
import threading
import time
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
from common import heading, read_options
from published import legacy_bases
from sklearn.linear_model import LogisticRegression

from satispy.core.plan import load_plan
from satispy.core.types import METRICS, label_of_star
from satispy.evaluation.metrics import headline
from satispy.evaluation.split import is_exam
from satispy.features.text import tokenize
from satispy.features.vectors import WordCount, check_vectors
from satispy.features.wiki2vec import train_vectors
from satispy.features.word2vec_text import import_word2vec_text
from satispy.models.base import TrainingData
from satispy.models.catalog import family_class
from satispy.models.encoders import MeanVectorEncoder

AIM_ROWS_PER_SECOND = 150_000
ROWS, DIMENSIONS = 400_000, 100
ENTITY_SHARE = 0.5
REPEATS = 3  # the fastest counts: other work on the machine only ever slows
PARTS = (1 / 64, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 3 / 4, 1.0)
FAMILIES = ("svm", "ann")
LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyzéèàçêî"))


def main() -> int:
    """Measure the three parts and say whether the aims are met."""
    options = read_options(__doc__.splitlines()[0])
    about = heading()
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        imports = measure_imports(work)
        base = legacy_bases(options.reviews)[15703]
        base = base.assign(day=pd.to_datetime(base["date"])).sort_values("day", kind="stable")
        training = measure_training(base, work)
        ages = measure_ages(base, work)
    as_published = imports[1]["rows_per_second"]
    good = training["same_bytes"] and as_published >= AIM_ROWS_PER_SECOND
    print("verdict: " + ("aims met" if good else "BELOW, see above"))
    if options.json:
        report = {**about, "imports": imports, "training": training, "ages": ages, "good": good}
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0 if good else 1


def measure_imports(work: Path) -> list[dict[str, Any]]:
    """Import made-up files of the published format: words alone, half entities, compressed."""
    print(
        f"\nimport, {ROWS} rows x {DIMENSIONS}\n"
        f"{'file':24}{'MB':>7}{'s':>7}{'CPU s':>7}{'rows/s':>9}"
    )
    plain = write_word2vec(work / "words.txt", 0.0)
    half = write_word2vec(work / "half_entities.txt", ENTITY_SHARE)
    packed = work / "half_entities.txt.bz2"
    packed.write_bytes(bz2.compress(half.read_bytes()))
    rows = []
    for source in (plain, half, packed):
        seconds, cpu = min(timed_import(source, work) for _ in range(REPEATS))
        row = {
            "file": source.name,
            "mb": round(source.stat().st_size / 1e6),
            "seconds": round(seconds, 2),
            "cpu_seconds": round(cpu, 2),
            "rows_per_second": round(ROWS / seconds),
        }
        rows.append(row)
        print(
            f"{source.name:24}{row['mb']:7}{seconds:7.2f}{cpu:7.2f}{row['rows_per_second']:9}",
            flush=True,
        )
    return rows


def timed_import(source: Path, work: Path) -> tuple[float, float]:
    """Import once; return seconds of the clock and of the processors."""
    target = work / "imported"
    start, cpu = time.perf_counter(), time.process_time()
    import_word2vec_text(source, target)
    found = time.perf_counter() - start, time.process_time() - cpu
    shutil.rmtree(target)
    return found


def write_word2vec(path: Path, entities: float) -> Path:
    """Write a file as wikipedia2vec publishes: four decimals, entities among the words."""
    random = np.random.default_rng(20)
    numbers = [
        " ".join(f"{value:.4f}" for value in row)
        for row in random.normal(0, 0.4, (2000, DIMENSIONS))
    ]
    with path.open("w", encoding="utf-8") as file:
        file.write(f"{ROWS} {DIMENSIONS}\n")
        for number, is_entity in enumerate(random.random(ROWS) < entities):
            word = "".join(random.choice(LETTERS, random.integers(3, 9))) + str(number)
            name = f"ENTITY/{word.title()}" if is_entity else word
            file.write(f"{name} {numbers[number % len(numbers)]}\n")
    return path


def measure_training(base: pd.DataFrame, work: Path) -> dict[str, Any]:
    """Learn vectors from the whole training side twice."""
    texts = [text for text in base["Commentaire"] if not is_exam(text)]
    plan = load_plan()
    digests = []
    for name in ("first", "second"):
        start = time.perf_counter()
        with PeakOfChildren() as peak:
            vectors = train_vectors(texts, work / name, plan.vectors, seed=plan.seed)
        seconds = time.perf_counter() - start
        digests.append(check_vectors(work / name))
    same = digests[0] == digests[1]
    print(
        f"\ntraining on {len(texts)} reviews: {len(vectors.vocabulary)} words, {seconds:.0f} s, "
        f"peak {peak.mb:.0f} MB, two trainings give {'the same bytes' if same else 'OTHER BYTES'}"
    )
    return {
        "reviews": len(texts),
        "words": len(vectors.vocabulary),
        "seconds": round(seconds, 1),
        "peak_mb": round(peak.mb),
        "same_bytes": same,
    }


def measure_ages(base: pd.DataFrame, work: Path) -> list[dict[str, Any]]:
    """Score models of all reviews whose vectors know only the oldest of them."""
    texts = base["Commentaire"].tolist()
    labels = base["star"].map(label_of_star).to_numpy(dtype=np.int8)
    exam = np.array([is_exam(text) for text in texts])
    words = [tokenize(text) for text in texts]
    taught = [one for one, examined in zip(words, exam, strict=True) if not examined]
    asked = [one for one, examined in zip(words, exam, strict=True) if examined]
    plan, count = load_plan(), WordCount.of(taught)
    attainable = count.at_least(plan.vectors.min_word_count)
    heads = "".join(
        f"{name + ' ' + score:>16}" for name in ("mean", *FAMILIES) for score in METRICS[:2]
    )
    print(
        f"\nvectors of the oldest reviews, models of all {len(taught)}\n"
        f"{'share':>6}{'known':>8}{'of new':>8}{heads}"
    )
    rows = []
    for part in PARTS:
        oldest = [" ".join(one) for one in taught[: round(part * len(taught))]]
        vectors = train_vectors(oldest, work / f"part-{part}", plan.vectors, seed=plan.seed)
        known = count.known(vectors.vocabulary)
        data = TrainingData(taught, labels[~exam], vectors)
        scores = {"mean": astuple(headline(labels[exam], mean_only(data, asked)))}
        for name in FAMILIES:
            family = family_class(name)(plan.families[name], seed=plan.seed).fit(data)
            scores[name] = astuple(headline(labels[exam], family.predict_proba(asked)))
        rows.append(
            {"share": part, "known": known, "of_new": known / attainable}
            | {name: dict(zip(METRICS, found, strict=True)) for name, found in scores.items()}
        )
        shown = "".join(f"{score:16.4f}" for found in scores.values() for score in found[:2])
        print(f"{part:6.3f}{known:8.4f}{known / attainable:8.4f}{shown}", flush=True)
    return rows


def mean_only(data: TrainingData, asked: list[list[str]]) -> Any:
    """Return probabilities of a model that reads nothing but the mean word vector."""
    encoder = MeanVectorEncoder(data.vectors, 1.0)
    model = LogisticRegression(C=3.0, max_iter=2000)
    model.fit(encoder.dense(data.tokens), data.labels)
    return model.predict_proba(encoder.dense(asked))[:, 1]


class PeakOfChildren:
    """The largest memory of our child processes together, in MB, looked at ten times a second."""

    def __enter__(self) -> "PeakOfChildren":
        self.mb = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.1):
            total = 0
            for child in psutil.Process(os.getpid()).children(recursive=True):
                try:
                    total += child.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self.mb = max(self.mb, total / 1e6)


if __name__ == "__main__":
    sys.exit(main())

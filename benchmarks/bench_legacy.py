"""Our families beside the first published system, on its own exam: the legacy split.

Usage: ``python benchmarks/bench_legacy.py --reviews FOLDER [--json PATH]``, where the folder holds
data_MAJ.csv, new_data_test_1.csv and stop_words.xlsx. At both sizes of its base the published GBC
is trained again and must give its published numbers to four decimals, which proves that split and
labels are the published ones. Ends with 1 if that fails or a family is below its published row.
"""

import json
import resource
import sys
import tempfile
import time
import warnings
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from common import heading, read_options
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import train_test_split

from satispy.core.plan import load_plan
from satispy.core.types import METRICS, Scores, label_of_star
from satispy.evaluation.metrics import headline
from satispy.features.text import tokenize
from satispy.features.vectors import coverage
from satispy.features.wiki2vec import train_vectors
from satispy.models.base import TrainingData
from satispy.models.catalog import family_class, family_names
from satispy.models.serving import OnnxModel

PUBLISHED = {
    7900: {
        "gbc": (0.8677, 0.7933, 0.9027),
        "svm": (0.8354, 0.7747, 0.8704),
        "ann": (0.8228, 0.7459, 0.8639),
    },
    15703: {
        "gbc": (0.8793, 0.8000, 0.9136),
        "svm": (0.8421, 0.7634, 0.8815),
        "ann": (0.8255, 0.7149, 0.8743),
    },
}
PUBLISHED_WORD = r"[a-zéèêàâîïàùçôëûæœ]{2,}"
EVERYTHING_BUT_THE_ID = slice(1, None)


def main() -> int:
    """Measure, print the table, and say whether any family is below its published row."""
    options = read_options(__doc__.splitlines()[0])
    folder = options.reviews
    about = heading()
    stop_words = pd.read_excel(folder / "stop_words.xlsx", header=None)[0].astype(str).tolist()
    bases = legacy_bases(folder)
    rows: list[dict[str, Any]] = []
    for size, published in PUBLISHED.items():
        if len(bases[size]) != size:
            raise SystemExit(f"expected {size} rows in {folder}, but found {len(bases[size])}")
        rows += measure(bases[size], size, published, stop_words)
    print(f"\npeak memory of this process {peak_mb():.0f} MB")
    good = all(row["verdict"] in ("equal", "above", "") for row in rows)
    print("verdict: " + ("no family is below its published row" if good else "BELOW, see above"))
    if options.json:
        report = {**about, "peak_mb": peak_mb(), "rows": rows, "good": good}
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0 if good else 1


def legacy_bases(folder: Path) -> dict[int, pd.DataFrame]:
    """Return the published base before and after its second upload, in the published order."""
    first = pd.read_csv(folder / "data_MAJ.csv")
    second = pd.read_csv(folder / "new_data_test_1.csv", encoding="utf-8-sig")
    both = pd.concat([first, second], ignore_index=True)
    day = both["date"].str.slice(0, 10)
    iso = pd.to_datetime(day, format="%Y-%m-%d", errors="coerce")
    both["date"] = iso.fillna(pd.to_datetime(day, format="%d/%m/%Y", errors="coerce"))
    repeated = both.duplicated(subset=list(both.columns[EVERYTHING_BUT_THE_ID]))
    return {7900: first, 15703: both[~repeated]}


def measure(
    base: pd.DataFrame, size: int, published: dict[str, tuple[float, ...]], stop_words: list[str]
) -> list[dict[str, Any]]:
    """Train everything at one size and print its part of the table."""
    labels = base["star"].map(label_of_star).to_numpy(dtype=np.int8)
    texts, exam_texts, taught, asked = train_test_split(
        base["Commentaire"].tolist(), labels, test_size=0.2, random_state=20
    )
    print(f"{size} rows: {len(texts)} to learn from, {len(exam_texts)} in the exam")
    print(f"{'':24}{'accuracy':>9}{'f1_0':>8}{'f1_1':>8}{'train s':>9}{'MB':>7}  verdict")
    rows: list[dict[str, Any]] = []

    def tell(name: str, scores: tuple[float, ...], seconds: float, mb: float, verdict: str) -> None:
        rows.append(
            {"rows": size, "name": name, **dict(zip(METRICS, scores, strict=True))}
            | {"train_s": round(seconds, 2), "artifact_mb": round(mb, 2), "verdict": verdict}
        )
        shown = "".join(f"{score:8.4f}" for score in scores)
        measured = f"{seconds:9.1f}{mb:7.1f}" if seconds else " " * 16
        print(f"{name:25}{shown}{measured}  {verdict}", flush=True)

    start = time.perf_counter()
    again = published_gbc(texts, taught, exam_texts, asked, stop_words)
    same = tuple(round(score, 4) for score in again) == published["gbc"]
    seconds = time.perf_counter() - start
    tell("gbc published, again", again, seconds, 0, "equal" if same else "NOT THE PUBLISHED")

    with tempfile.TemporaryDirectory() as scratch:
        plan, work = load_plan(), Path(scratch)
        start = time.perf_counter()
        vectors = train_vectors(texts, work / "vectors", plan.vectors, seed=plan.seed)
        learnt_in = time.perf_counter() - start
        tokens, exam = [tokenize(text) for text in texts], [tokenize(text) for text in exam_texts]
        data = TrainingData(tokens, taught, vectors)
        for name in family_names():
            tell(f"{name} published", published[name], 0, 0, "")
            start = time.perf_counter()
            family = family_class(name)(plan.families.get(name, {}), seed=plan.seed).fit(data)
            seconds = time.perf_counter() - start
            (work / name).mkdir()
            family.save(work / name)
            served = OnnxModel.load(work / name, vectors).predict_proba(exam)
            scores = astuple(headline(asked, served))
            above = all(a >= b for a, b in zip(scores, published[name], strict=True))
            tell(
                f"{name} ours, as served",
                scores,
                seconds,
                folder_mb(work / name),
                "above" if above else "BELOW",
            )
        words, dimensions = vectors.matrix.shape
        print(
            f"word vectors: {words} x {dimensions}, {learnt_in:.0f} s, "
            f"{folder_mb(work / 'vectors'):.1f} MB, known in the exam {coverage(exam, vectors):.1%}"
        )
    print()
    return rows


def published_gbc(
    texts: list[str], taught: Any, exam_texts: list[str], asked: Any, stop_words: list[str]
) -> tuple[float, ...]:
    """Train the published GBC as published, but sparse."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its stop words are not all tokens of its own pattern
        counter = CountVectorizer(stop_words=stop_words, token_pattern=PUBLISHED_WORD)
        counts = counter.fit_transform(texts)
    model = GradientBoostingClassifier(
        n_estimators=100, learning_rate=1.0, max_depth=1, random_state=0
    ).fit(counts, taught)
    scores: Scores = headline(asked, model.predict(counter.transform(exam_texts)))
    return astuple(scores)


def peak_mb() -> float:
    """Return the largest resident size of this process so far, in MB (Linux counts in KiB)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def folder_mb(folder: Path) -> float:
    """Return the size of a folder in MB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


if __name__ == "__main__":
    raise SystemExit(main())

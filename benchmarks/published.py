"""The first published system: its scores, its bases in their order, and its GBC trained again."""

import warnings
from dataclasses import astuple
from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.feature_extraction.text import CountVectorizer

from satispy.core.types import Scores
from satispy.evaluation.metrics import headline

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
    17203: {
        "gbc": (0.8835, 0.8217, 0.9134),
        "svm": (0.8370, 0.7755, 0.8720),
        "ann": (0.8381, 0.7577, 0.8785),
    },
}
"""Accuracy, F1 of negatives and F1 of positives by rows of the base."""
BASE, SECOND, STOP_WORDS = "data_MAJ.csv", "new_data_test_1.csv", "stop_words.xlsx"
_WORD = r"[a-zéèêàâîïàùçôëûæœ]{2,}"
_EVERYTHING_BUT_THE_ID = slice(1, None)


def legacy_bases(folder: Path) -> dict[int, pd.DataFrame]:
    """Return the base after each upload, in the published order, by its number of rows.

    Parameters
    ----------
    folder
        Holds the base and its second upload; any further CSV file counts as an upload after them,
        in the order of the names.
    """
    later = sorted({path.name for path in folder.glob("*.csv")} - {BASE, SECOND})
    uploads = [pd.read_csv(folder / name, encoding="utf-8-sig") for name in (BASE, SECOND, *later)]
    bases = {len(uploads[0]): uploads[0]}
    for count in range(2, len(uploads) + 1):
        whole = pd.concat(uploads[:count], ignore_index=True)
        day = whole["date"].str.slice(0, 10)
        iso = pd.to_datetime(day, format="%Y-%m-%d", errors="coerce")
        whole["date"] = iso.fillna(pd.to_datetime(day, format="%d/%m/%Y", errors="coerce"))
        repeated = whole.duplicated(subset=list(whole.columns[_EVERYTHING_BUT_THE_ID]))
        bases[int((~repeated).sum())] = whole[~repeated]
    return bases


def stop_words_of(folder: Path) -> list[str]:
    """Return the published stop words."""
    return pd.read_excel(folder / STOP_WORDS, header=None)[0].astype(str).tolist()


def published_gbc(texts: list[str], taught: Any, asked: list[str], stop_words: list[str]) -> Any:
    """Train the published GBC as published, but sparse; return its labels for `asked`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its stop words are not all tokens of its own pattern
        counter = CountVectorizer(stop_words=stop_words, token_pattern=_WORD)
        counts = counter.fit_transform(texts)
    model = GradientBoostingClassifier(
        n_estimators=100, learning_rate=1.0, max_depth=1, random_state=0
    ).fit(counts, taught)
    return model.predict(counter.transform(asked))


def as_published(labels: Any, answers: Any) -> tuple[float, ...]:
    """Return accuracy and both F1 to the four decimals that were published."""
    scores: Scores = headline(labels, answers)
    return tuple(round(score, 4) for score in astuple(scores))

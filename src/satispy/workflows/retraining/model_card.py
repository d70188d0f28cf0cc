"""The model card of a run: what it is, what it learnt from, how it scored, what it is not for."""

from collections.abc import Mapping
from typing import Any

from satispy.core.types import DatasetVersion
from satispy.workflows.retraining.card_exam import cell, exam_sections, table
from satispy.workflows.retraining.reviews import ReviewFacts

SYNTHETIC = "Synthétique"
"""Reviews whose source begins so were made up, as those of the demo are."""
_SOURCES_SHOWN = 5


def model_card(
    run: str,
    dataset: DatasetVersion,
    training: Mapping[str, Any],
    metrics: Mapping[str, Any],
    reviews: ReviewFacts,
) -> str:
    """Write the card.

    Parameters
    ----------
    run
        Name that the run will bear.
    dataset
        What it was trained and examined on.
    training
        How it was trained, as in ``training.json``.
    metrics
        How it scored, as in ``metrics.json``.
    reviews
        What the reviews are like.

    Returns
    -------
    str
        Markdown; equal facts give equal text.
    """
    learnt, examined = training["train_rows"], metrics["exam_rows"]
    return f"""# Model card: {run}

{training["about"] or training["family"]}

## Use

Tells whether a French customer review is satisfied (label 1: 3 to 5 stars) or not (label 0: 1 or 2
stars), with a probability. Meant for counting and following what many customers say, and for
choosing which reviews to read first. Not meant for decisions about single persons, nor for other
languages or other kinds of text.

## What it reads

The words of the review. It reads neither its source nor its company, nor date, stars or identity.

## Data

| | |
| --- | --- |
| dataset version | {dataset.number}, chain `{dataset.chain[:16]}` |
| reviews | {dataset.rows}: {learnt} to learn from, {examined} in the exam |
| negative | {reviews.negative:.1%} |
| words of a review | {reviews.median_words:g} in the median |
| sources | {_sources(reviews)} |

{exam_sections(metrics)}

## How it was made

{table(("", ""), _making(training))}

## Limits

{_limits(reviews)}
"""


def _making(training: Mapping[str, Any]) -> list[tuple[str, str]]:
    parameters = ", ".join(f"{name} {value}" for name, value in training["parameters"].items())
    libraries = ", ".join(
        f"{name} {value}" for name, value in sorted(training["libraries"].items())
    )
    vectors = f"{training['vectors_version']}, sha256 `{training['vectors_sha256'][:16]}`"
    return [
        ("family", training["family"]),
        ("trained at", f"{training['trained_at']}, in {training['train_seconds']} s"),
        ("hyper-parameters", parameters or "the defaults of its family"),
        ("word vectors", vectors),
        ("seed", str(training["seed"])),
        ("text version", training["text_version"]),
        ("libraries", libraries),
    ]


def _limits(reviews: ReviewFacts) -> str:
    limits = [
        "French only; words that training never saw say nothing to it.",
        "Made for short texts: irony, comparisons and mixed opinions are often read wrongly.",
        "The label is the reviewer's stars, which at times contradict the text.",
        f"In these reviews the source alone gives the label right in {reviews.right_by_source:.1%} "
        "(always answering the commoner label: "
        f"{max(reviews.negative, 1 - reviews.negative):.1%}). The nearer to 100 %, the less "
        "is known about reviews of other sources, whose style the model may have learnt with it.",
    ]
    made_up = sum(rows for name, rows in reviews.sources.items() if name.startswith(SYNTHETIC))
    if made_up:
        limits.insert(
            0,
            f"**{made_up} of the reviews are synthetic**, made up for a demonstration: the scores "
            "say that the machinery works, and nothing about real customers.",
        )
    return "\n".join(f"- {limit}" for limit in limits)


def _sources(reviews: ReviewFacts) -> str:
    shown = [f"{cell(name)} {rows}" for name, rows in reviews.sources.items()][:_SOURCES_SHOWN]
    further = len(reviews.sources) - len(shown)
    return ", ".join(shown) + (f", and {further} more" if further else "")

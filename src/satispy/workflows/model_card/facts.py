"""From what a job left behind to ``card.json``: picks and names, computes nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from satispy.core.types import METRICS, DatasetVersion
from satispy.workflows.lineage import UploadOrigin
from satispy.workflows.model_card import statements
from satispy.workflows.model_card.schema import (
    SCHEMA,
    Data,
    Fairness,
    Figures,
    HeldOut,
    Lineage,
    Metrics,
    ModelCard,
    Serving,
)
from satispy.workflows.model_card.scores import all_sure, gaps, part
from satispy.workflows.model_card.words import Words
from satispy.workflows.retraining.reviews import ReviewFacts

HEADLINE = (*METRICS, "macro_f1")
FURTHER = (
    *("precision_0", "recall_0", "precision_1", "recall_1"),
    *("roc_auc", "log_loss", "brier", "calibration_error"),
)
COMPARED = ("accuracy", "recall_0", "recall_1", "selection_rate")
SOURCES_NAMED = 20
UPLOADS_NAMED = 50


def card_of(
    run: str,
    job: Mapping[str, str],
    dataset: DatasetVersion,
    training: Mapping[str, Any],
    metrics: Mapping[str, Any],
    reviews: ReviewFacts,
    uploads: Sequence[UploadOrigin],
    words: Words,
) -> ModelCard:
    """Gather what the card says.

    Parameters
    ----------
    run
        Name that the run will bear.
    job
        ``job`` and ``dag_run``, by which it was made.
    dataset
        What it was trained and examined on.
    training
        How it was trained, as in ``training.json``; one of an earlier version has neither learning
        curve nor code version.
    metrics
        How it scored, as in ``metrics.json``.
    reviews
        What the reviews are like.
    uploads
        Those that the dataset version holds rows of, oldest first.
    words
        The language of its sentences; what comes from data stays as it is.

    Returns
    -------
    ModelCard
        Ready for JSON; equal facts give equal cards.
    """
    found = _metrics(metrics)
    slices = {
        kind: [part(one, HEADLINE) for one in parts] for kind, parts in metrics["slices"].items()
    }
    return {
        "schema_version": SCHEMA,
        "run": run,
        "warnings": statements.warnings(reviews, found, words),
        "details": {
            "family": training["family"],
            "about": words.told("about", training["about"]) or training["family"],
            "trained_at": training["trained_at"],
            "train_seconds": training["train_seconds"],
            "parameters": training["parameters"],
        },
        "intended_use": statements.intended_use(words),
        "factors": words.all("factors.said"),
        "data": _data(training, metrics, dataset, reviews),
        "metrics": found,
        "figures": _figures(training, metrics),
        "slices": slices,
        "fairness": {kind: _fairness(one) for kind, one in metrics["fairness"].items()},
        "ethics": words.all("ethics.said"),
        "caveats": statements.caveats(reviews, slices, words),
        "recommendations": words.all("recommendations.said"),
        "lineage": _lineage(job, dataset, training, uploads, words),
    }


def _data(
    training: Mapping[str, Any],
    metrics: Mapping[str, Any],
    dataset: DatasetVersion,
    reviews: ReviewFacts,
) -> Data:
    return {
        "reviews": dataset.rows,
        "training_side": training.get("training_side", training["train_rows"]),
        "learnt_from": training["train_rows"],
        "exam_reviews": metrics["exam_rows"],
        "exam_texts": metrics["exam_texts"],
        "negative": reviews.negative,
        "median_words": reviews.median_words,
        "sources": dict(list(reviews.sources.items())[:SOURCES_NAMED]),
        "further_sources": max(0, len(reviews.sources) - SOURCES_NAMED),
    }


def _metrics(metrics: Mapping[str, Any]) -> Metrics:
    interval = metrics["interval"]
    return {
        "interval": {
            "level": interval["level"],
            "method": interval["method"],
            "resamples": interval["resamples"],
            "seed": interval["seed"],
        },
        "scores": all_sure(metrics, HEADLINE) | all_sure(metrics["details"], FURTHER),
        "yardsticks": {
            name: {
                "scores": all_sure(rule, HEADLINE),
                "difference": gaps(rule),
                "within_source": [part(one, HEADLINE) for one in rule["within_source"]],
            }
            for name, rule in metrics["yardsticks"].items()
        },
        "serving": _serving(metrics["serving"]),
        "held_out": _held_out(metrics["held_out"]) if "held_out" in metrics else None,
    }


def _serving(serving: Mapping[str, Any]) -> Serving:
    examined = serving["state"] == "examined"
    return {
        "state": serving["state"],
        "run": serving.get("run"),
        "code": serving.get("code"),
        "scores": all_sure(serving, HEADLINE) if examined else None,
        "difference": gaps(serving) if examined else None,
    }


def _held_out(held_out: Mapping[str, Any]) -> HeldOut:
    return {
        "n": held_out["n"],
        "folds": len(held_out["folds"]),
        "scores": all_sure(held_out, HEADLINE),
        "mean": held_out["mean"],
        "spread": held_out["spread"],
        "above_source_rule": gaps(held_out["source_rule"]),
    }


def _figures(training: Mapping[str, Any], metrics: Mapping[str, Any]) -> Figures:
    return {
        "confusion": metrics["details"]["confusion"],
        "calibration": metrics["details"]["calibration"],
        "learning_curve": training.get("learning_curve"),
    }


def _fairness(found: Mapping[str, Any]) -> Fairness:
    return {
        "largest": found["largest"],
        "groups": [
            {
                "name": group["name"],
                "n": group["n"],
                "few": group["few"],
                "scores": {name: group[name] for name in COMPARED},
            }
            for group in found["groups"]
        ],
        "widest_gap": {name: found["widest"][f"{name}_difference"] for name in COMPARED},
        "lowest_ratio": {name: found["widest"][f"{name}_ratio"] for name in COMPARED},
    }


def _lineage(
    job: Mapping[str, str],
    dataset: DatasetVersion,
    training: Mapping[str, Any],
    uploads: Sequence[UploadOrigin],
    words: Words,
) -> Lineage:
    return {
        "dataset": {"number": dataset.number, "chain": dataset.chain, "rows": dataset.rows},
        "uploads": [statements.upload(one, words) for one in uploads[:UPLOADS_NAMED]],
        "further_uploads": max(0, len(uploads) - UPLOADS_NAMED),
        "vectors": {
            "version": training["vectors_version"],
            "sha256": training["vectors_sha256"],
            "coverage": training.get("vectors_coverage"),
        },
        "code": training.get("code_version"),
        "seed": training["seed"],
        "text_version": training["text_version"],
        "libraries": dict(sorted(training["libraries"].items())),
        "job": job["job"],
        "dag_run": job["dag_run"],
    }

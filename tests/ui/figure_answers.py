"""What the small API answers to ``GET /figures``: the project's own file, and a made-up present."""

import json
from pathlib import Path
from typing import Any

from ui.reviews_server import ApiState

FILE = Path(__file__).resolve().parents[2] / "benchmarks" / "figures.json"
KINDS = ("negation", "irony", "contrast", "short", "spelling", "emoji", "other languages")


def answered(family: str, kind: str, passed: int, *, held: bool = False) -> dict[str, Any]:
    wrong = [] if held or passed == 12 else ["bravo, <i>deux mois</i> pour un colis"]
    facts = {"family": family, "run": f"r-{family}", "kind": kind, "passed": passed}
    return {**facts, "asked": 12, "wrong": wrong, "held": held}


def of_length(words: str, accuracy: float, *, few: bool = False) -> dict[str, Any]:
    sure = {"accuracy_low": accuracy - 0.02, "accuracy_high": accuracy + 0.02}
    facts = {"family": "svm", "run": "r-svm", "words": words, "rows": 61}
    return {**facts, "accuracy": accuracy, **sure, "few": few}


def figures(**now: Any) -> dict[str, Any]:
    present = {
        "at": "2026-11-26T08:00:00Z",
        "machine": "2 x x86_64, 24 GiB, Linux",
        "versions": {"satispy": "0.1.0", "python": "3.11.7"},
        "rows": 15_703,
        "dataset_version": 3,
        "uploads": 2,
        "runs": 9,
        "api_mib": 206.4,
        "home_mb": 84.2,
        "trainings": [
            {
                "family": "svm",
                "run": "r-svm",
                "seconds": 24.31,
                "rows": 15_703,
                "trained_at": "2026-11-25T08:00:00Z",
                "dag_run": "manual__1",
            }
        ],
        "answers": [
            *(
                answered("svm", kind, passed)
                for kind, passed in zip(KINDS, range(6, 13), strict=True)
            ),
            answered("svm", "of tomorrow", 12),
            answered("svm", "negation", 10, held=True),
        ],
        "lengths": [of_length("0 to 3", 0.871, few=True), of_length("61 or more", 0.95)],
        **now,
    }
    return {"recorded": json.loads(FILE.read_text(encoding="utf-8")), "now": present}


EMPTY = {
    "rows": 0,
    "dataset_version": 0,
    "uploads": 0,
    "runs": 0,
    "trainings": [],
    "answers": [],
    "lengths": [],
}


def fill(state: ApiState) -> None:
    """Have the small server answer what the page of limits asks."""
    state.route("GET", "/figures", lambda _asked: (200, figures()))

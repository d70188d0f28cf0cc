"""What the models that serve cannot do, by the answers that they give."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from satispy.core.errors import ArtifactDamaged, NotFound
from satispy.core.files import read_json
from satispy.core.settings import Paths
from satispy.evaluation.weaknesses import mark, questions
from satispy.registry.reports import read_report
from satispy.workflows.predict import Predictor

BEHAVIOUR = "behaviour: "


@dataclass(frozen=True)
class Answered:
    """How one family answered the questions of one kind.

    `held` is true for what the gate asks each candidate, when it was judged; false for what is
    asked of what serves, now.
    """

    family: str
    run: str
    kind: str
    passed: int
    asked: int
    wrong: tuple[str, ...] = ()
    held: bool = False


@dataclass(frozen=True)
class OfLength:
    """How a family scores on the reviews of the exam that have so many words."""

    family: str
    run: str
    words: str
    rows: int
    accuracy: float
    accuracy_low: float | None
    accuracy_high: float | None
    few: bool


def answered(paths: Paths, predictor: Predictor) -> list[Answered]:
    """Return what was asked when the models were judged, then what they are asked now.

    Nothing of it where no model serves. What is asked now is asked once per model that serves.
    """
    serving = tuple(predictor.serving().items())
    found = [one for family, run in serving for one in _when_judged(paths, family, run)]
    return [*found, *_asked(predictor, serving)] if serving else found


def by_length(paths: Paths, predictor: Predictor) -> list[OfLength]:
    """Return how what serves scored on short and on long reviews, when it was judged."""
    found = []
    for family, run in predictor.serving().items():
        for one in _slices(paths, run):
            ends = (one.get("accuracy_low"), one.get("accuracy_high"))
            sure = (family, run, one["name"], one["n"], one["accuracy"], *ends, one["few"])
            found.append(OfLength(*sure))
    return found


def _when_judged(paths: Paths, family: str, run: str) -> list[Answered]:
    path = paths.runs / run / "gate.json"
    checks = read_json(path).get("checks", []) if path.is_file() else []
    return [
        Answered(
            family,
            run,
            check["name"].removeprefix(BEHAVIOUR),
            check["figures"]["passed"],
            check["figures"]["asked"],
            held=True,
        )
        for check in checks
        if check["name"].startswith(BEHAVIOUR)
    ]


@lru_cache(maxsize=2)
def _asked(predictor: Predictor, _serving: tuple[tuple[str, str], ...]) -> list[Answered]:
    asked = questions()
    answers = predictor.predict([question.texts[0] for question in asked])
    return [
        Answered(family, first.model_version, one.kind, one.passed, one.asked, one.wrong)
        for family, first in answers[0].items()
        for one in mark(asked, [answer[family].probability for answer in answers])
    ]


def _slices(paths: Paths, run: str) -> list[dict[str, Any]]:
    """Return the slices by words; none where the report is gone, damaged or from before."""
    try:
        report = read_report(paths.reports, run)
    except (NotFound, ArtifactDamaged):
        return []
    found: list[dict[str, Any]] = report.get("slices", {}).get("words", [])
    return found

"""Look for better hyper-parameters of a family, on the training side alone; write the evidence.

::

    clean_model/tuning/<family>-<mark>.journal   every trial, for going on later (Optuna's journal)
    clean_model/tuning/<family>-<mark>.json      the evidence: what the plan scores, what is better

The mark is made from data, vectors, text version and seed: trials on other data are another search.
"""

import hashlib
import json
import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, Trial, TrialState

from satispy.core.clock import Clock, iso, system_clock
from satispy.core.errors import ConfigurationError, TrainingImpossible
from satispy.core.files import write_json
from satispy.core.plan import load_plan
from satispy.core.settings import Settings
from satispy.evaluation.metrics import details, headline
from satispy.features.text import TEXT_VERSION
from satispy.models.base import Family, TrainingData
from satispy.models.catalog import FOLDER, family_class
from satispy.models.folds import folds_by_text
from satispy.models.search import Between, Range, WholeBetween
from satispy.workflows.opening import open_home
from satispy.workflows.retraining.prepared import prepare
from satispy.workflows.retraining.reviews import count_words, read_side
from satispy.workflows.vectors import MOST_FOR_VECTORS, choose_vectors

FOLDS = 5
"""Folds, cut by text, where a family holds out less than every comment by itself."""
_STARTUP_TRIALS = 8

Say = Callable[[str], None]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tuned:
    """What a search found.

    Attributes
    ----------
    evidence
        The JSON file.
    proposal
        Better hyper-parameters, or none where the plan's are the best seen.
    score, score_of_plan
        Log loss of held-out comments, in nats; smaller is better.
    trials
        Finished ones, those of earlier searches on the same data included.
    interrupted
        Whether Ctrl-C ended it.
    """

    evidence: Path
    proposal: dict[str, Any]
    score: float
    score_of_plan: float
    trials: int
    interrupted: bool


def tune(
    settings: Settings,
    family: str,
    budget: float,
    say: Say,
    *,
    trials: int | None = None,
    families: Path = FOLDER,
    clock: Clock = system_clock,
) -> Tuned:
    """Try hyper-parameters until the budget is spent or Ctrl-C; go on where the last search ended.

    What is minimised is the log loss of answers to comments that the model had not seen, in folds
    cut by text: it moves with each comment, where accuracy counts those near one half alone.

    Parameters
    ----------
    settings
        Name the home.
    family
        Which; it declares where to look (`Family.search`).
    budget
        Seconds; the trial at work when they are over is finished.
    say
        Receives a line per trial.
    trials
        At most so many new ones.
    families
        Folder of the families.
    clock
        Dates the evidence.

    Returns
    -------
    Tuned
        The plan's own values are always the first trial, so there is something to compare with.

    Raises
    ------
    NotFound
        If there is no such family.
    ConfigurationError
        If it declares nothing to search.
    TrainingImpossible
        If there are too few reviews to learn from.
    """
    kind = family_class(family, families)
    if not kind.search:
        raise ConfigurationError(
            f"expected {family} to declare where to look, but its search is empty; "
            f"give it one in {families / family}.py, as docs/add-a-model-family.md shows"
        )
    plan = load_plan(settings.plan)
    of_plan = plan.families.get(family, {})
    most = kind(of_plan, seed=plan.seed).params.max_rows
    data, facts = _training_side(settings, most, clock)
    facts |= {"family": family, "seed": plan.seed, "text_version": TEXT_VERSION}
    mark = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]
    folder = settings.paths.clean_model / "tuning"
    folder.mkdir(parents=True, exist_ok=True)
    study = _study(folder / f"{family}-{mark}.journal", kind, of_plan, plan.seed)
    known = len(_finished(study))
    if known:
        say(f"{family}: going on after {known} trials")
    trial_of = _Trials(kind, of_plan, data, plan.seed)
    began, interrupted = time.monotonic(), False

    def tell(study: optuna.Study, trial: FrozenTrial) -> None:
        if trial.value is None:
            return
        spent = time.monotonic() - began
        say(
            f"{family}: trial {trial.number + 1}, {spent:.0f} of {budget:.0f} s, "
            f"log loss {trial.value:.4f}, best {study.best_value:.4f} "
            f"(trial {study.best_trial.number + 1})"
        )

    try:
        study.optimize(trial_of, n_trials=trials, timeout=budget, callbacks=[tell])
    except KeyboardInterrupt:
        interrupted = True
    return _evidence(folder / f"{family}-{mark}.json", study, kind, facts, of_plan, interrupted)


class _Trials:
    """Scores one choice of hyper-parameters: Optuna calls it."""

    def __init__(
        self, kind: type[Family], of_plan: Mapping[str, Any], data: TrainingData, seed: int
    ) -> None:
        self._kind, self._of_plan, self._data, self._seed = kind, of_plan, data, seed

    def __call__(self, trial: Trial) -> float:
        params = {**self._of_plan, **_suggested(trial, self._kind.search)}
        began = time.monotonic()
        try:
            rows, chances = self._held_out(params)
        except (TrainingImpossible, ConfigurationError) as error:
            trial.set_user_attr("refused", str(error))
            raise optuna.TrialPruned from error
        labels = self._data.labels[rows]
        found = vars(headline(labels, chances)) | details(labels, chances)
        for name in ("accuracy", "f1_0", "f1_1", "macro_f1", "brier"):
            trial.set_user_attr(name, round(float(found[name]), 6))
        trial.set_user_attr("seconds", round(time.monotonic() - began, 1))
        return float(found["log_loss"])

    def _held_out(
        self, params: Mapping[str, Any]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Return held-out answers, by the family's own folds where they cover every comment."""
        data, seed = self._data, self._seed
        held_out = self._kind(params, seed=seed).fit(data).held_out_
        used = np.flatnonzero(held_out.fold >= 0)
        if len(held_out.rows) == len(used):
            return held_out.rows, held_out.probabilities[held_out.rows]
        fold = folds_by_text(data.tokens, data.labels, FOLDS, seed=seed)
        chances = np.empty(len(fold), dtype=np.float32)
        for held in np.unique(fold).tolist():
            learnt, asked = np.flatnonzero(fold != held), np.flatnonzero(fold == held)
            tokens = [data.tokens[row] for row in learnt.tolist()]
            lesson = TrainingData(tokens, data.labels[learnt], data.vectors)
            model = self._kind(params, seed=seed).fit(lesson)
            chances[asked] = model.predict_proba([data.tokens[row] for row in asked.tolist()])
        return np.arange(len(fold)), chances


def _training_side(
    settings: Settings, most: int, clock: Clock
) -> tuple[TrainingData, dict[str, Any]]:
    """Read what a retraining would train on: of more than `most` reviews the same draw."""
    with open_home(settings) as home:
        number = home.store.history.current().version.number
        parts = prepare(home.store, number, settings.paths.prepared)
    side = read_side(parts, exam=False, most=most)
    chosen = choose_vectors(
        settings,
        count_words(parts)[0],
        lambda: read_side(parts, exam=False, most=MOST_FOR_VECTORS).words,
        load_plan(settings.plan),
        clock(),
        renew=False,
    ).vectors
    facts = {"dataset": number, "reviews": len(side.words), "vectors_version": chosen.version}
    return TrainingData(side.words, side.labels, chosen), facts


def _study(
    journal: Path, kind: type[Family], of_plan: Mapping[str, Any], seed: int
) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        study_name=kind.name,
        storage=JournalStorage(JournalFileBackend(str(journal))),
        load_if_exists=True,
    )
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)  # cut off by Ctrl-C or a crash
    told = len(study.get_trials(deepcopy=False))
    # Going on with the same seed would draw the same values again.
    study.sampler = optuna.samplers.TPESampler(seed=seed + told, n_startup_trials=_STARTUP_TRIALS)
    defaults = kind(of_plan, seed=seed).params.model_dump()
    if not _finished(study):
        study.enqueue_trial({name: defaults[name] for name in kind.search}, skip_if_exists=True)
    return study


def _suggested(trial: Trial, search: Mapping[str, Range]) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    for name, where in search.items():
        if isinstance(where, Between):
            chosen[name] = trial.suggest_float(name, where.low, where.high, log=where.log)
        elif isinstance(where, WholeBetween):
            chosen[name] = trial.suggest_int(name, where.low, where.high, log=where.log)
        else:
            chosen[name] = trial.suggest_categorical(name, where.values)
    return chosen


def _finished(study: optuna.Study) -> list[FrozenTrial]:
    return study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))


def _evidence(
    path: Path,
    study: optuna.Study,
    kind: type[Family],
    facts: Mapping[str, Any],
    of_plan: Mapping[str, Any],
    interrupted: bool,
) -> Tuned:
    finished = _finished(study)
    if not finished:
        return Tuned(path, {}, math.nan, math.nan, 0, interrupted)
    first, best = finished[0], study.best_trial
    assert first.value is not None  # noqa: S101 - a finished trial has a value
    assert best.value is not None  # noqa: S101
    proposal = {} if best.number == first.number else {**of_plan, **best.params}
    write_json(
        path,
        {
            "written_at": iso(system_clock()),
            **facts,
            "minimised": "log loss of held-out comments, folds cut by text, training side only",
            "of_plan": _told(first),
            "best": _told(best),
            "proposal": proposal,
            "trials": [_told(trial) for trial in finished],
        },
    )
    return Tuned(path, proposal, best.value, first.value, len(finished), interrupted)


def _told(trial: FrozenTrial) -> dict[str, Any]:
    return {
        "trial": trial.number + 1,
        "log_loss": trial.value,
        **trial.user_attrs,
        "parameters": trial.params,
    }

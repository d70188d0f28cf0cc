"""Predictions on demand: every family's serving run, kept warm, replaced when a pointer moves."""

import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from satispy.core.errors import InvalidInput, NotFound, NotReady, SatispyError
from satispy.core.settings import Settings
from satispy.core.tracing import span
from satispy.core.types import LABEL_FROM, LABEL_NAMES, WordVectors
from satispy.features.text import tokenize
from satispy.features.vectors import check_vectors, load_vectors
from satispy.models.explanation import Contribution, contributions
from satispy.models.serving import OnnxModel
from satispy.registry.serving import CHAMPION, ServingPointers
from satispy.workflows.published_run import open_run

TRY_AGAIN_SECONDS = 10.0
FEW_CHARACTERS = 2_000
EXPLAINED_CHARACTERS = 20_000
"""Characters of all texts together that are explained in one call: some seconds at worst, for the
questions and the length of each grow with a text."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Prediction:
    """What one model says of one text; `probability` is that of label 1.

    `words` says how much each word raises it, where that was asked for.
    """

    label: int
    label_name: str
    probability: float
    model_version: str
    words: list[Contribution] | None = None


@dataclass(frozen=True)
class Trouble:
    """A run that should answer for its family and cannot; `answers` names the one that does."""

    family: str
    run: str
    detail: str
    answers: str | None


@dataclass(frozen=True)
class Served:
    """A model that answers, and the run that it is."""

    run: str
    model: OnnxModel


class Predictor:
    """The serving models of a home; threads may share it.

    A call compares the pointers' times on disk with those it knows, so a run that was published
    answers from the next call on. A run that cannot be loaded does not replace the one before it,
    and does not touch the other families; it is tried again after a while. Where this process knows
    no run before it, the history does.

    Parameters
    ----------
    settings
        Name the home.
    now
        Seconds that only grow; decides when a failed run is tried again.
    told
        Receives the runs that should answer and cannot, whenever models were loaded; must return
        at once.
    """

    def __init__(
        self,
        settings: Settings,
        now: Callable[[], float] = time.monotonic,
        told: Callable[[list[Trouble]], None] = lambda _troubles: None,
    ) -> None:
        self._paths = settings.paths
        self._pointers = ServingPointers(settings.paths.serving)
        self._now = now
        self._told = told
        self._lock = threading.Lock()
        self._state: object = None
        self._try_again_at = math.inf
        self._served: dict[str, Served] = {}
        self._failed: dict[str, SatispyError] = {}
        self._troubles: list[Trouble] = []
        self._champion: str | None = None
        self._vectors: dict[str, WordVectors] = {}

    def predict(
        self,
        texts: Sequence[str],
        families: Sequence[str] | None = None,
        *,
        explain: bool = False,
    ) -> list[dict[str, Prediction]]:
        """Ask the serving models about each text.

        Parameters
        ----------
        texts
            Reviews; none may be blank.
        families
            Which families to ask, ``champion`` among them; all that serve by default.
        explain
            Also say how much each word contributes.

        Returns
        -------
        list of dict
            For each text, the predictions by family.

        Raises
        ------
        InvalidInput
            If a text is blank, or there is too much to explain.
        NotReady
            If no model serves yet.
        ArtifactDamaged
            If a family that is asked, or every family, cannot be loaded.
        NotFound
            If a named family was never published.
        """
        for place, text in enumerate(texts):
            if not text.strip():
                raise InvalidInput(f"expected the text of a review, but texts[{place}] is blank")
        length = sum(map(len, texts))
        if explain and length > EXPLAINED_CHARACTERS:
            raise InvalidInput(
                f"expected at most {EXPLAINED_CHARACTERS} characters to explain at once, but "
                f"received {length}; send fewer texts, or leave out explain"
            )
        asked = self.asked(families)
        with span("predict.tokenize"):
            words = [tokenize(text) for text in texts]
        results: list[dict[str, Prediction]] = [{} for _ in texts]
        for name, one in asked.items():
            ask = one.model.predict_proba
            with span("predict.family", family=name):
                why = contributions(ask, words) if explain else [None] * len(words)
                chances = ask(words)
            for result, chance, reasons in zip(results, chances, why, strict=True):
                label = int(chance >= LABEL_FROM)
                result[name] = Prediction(
                    label, LABEL_NAMES[label], float(chance), one.run, reasons
                )
        return results

    def asked(self, families: Sequence[str] | None = None) -> dict[str, Served]:
        """Return the models that answer for families now, to be asked as long as one likes.

        Raises
        ------
        NotReady, ArtifactDamaged, NotFound
            As in `predict`.
        """
        served = self.require_any()
        names = served if families is None else dict.fromkeys(map(self._named, families))
        for name in names:
            if name not in served:
                raise self._failed.get(name) or NotFound(
                    f"no model serves {name}; serving: {', '.join(served)}"
                )
        return {name: served[name] for name in names}

    def answers_at_once(self, texts: Sequence[str]) -> bool:
        """Tell whether `predict` takes milliseconds: little text, and no model to load."""
        return self._is_current() and sum(map(len, texts)) <= FEW_CHARACTERS

    def serving(self) -> dict[str, str]:
        """Return the run that answers, by family."""
        return {family: one.run for family, one in self._current().items()}

    def champion(self) -> str | None:
        """Return the family that answers for all; None before one was chosen."""
        self._current()
        return self._champion

    def troubles(self) -> list[Trouble]:
        """Return the runs that should answer and cannot."""
        self._current()
        return self._troubles

    def vectors(self, version: str) -> WordVectors:
        """Return word vectors, those that the models have open where they are the same.

        Raises
        ------
        ArtifactDamaged
            If they are gone, or disagree with their card.
        """
        self._current()
        found = self._vectors.get(version)
        if found is None:
            with self._lock:
                found = self._vectors.get(version)
                if found is None:
                    check_vectors(self._paths.vectors / version)
                    found = load_vectors(self._paths.vectors / version)
                    self._vectors = {**self._vectors, version: found}
        return found

    def require_any(self) -> dict[str, Served]:
        """Return what serves.

        Raises
        ------
        NotReady
            If nothing was published yet.
        ArtifactDamaged
            If something was, but none of it can be loaded.
        """
        served = self._current()
        if not served:
            raise next(iter(self._failed.values()), None) or NotReady(
                "no model serves yet: upload reviews and run the DAG retrain_reviews"
            )
        return served

    def _named(self, family: str) -> str:
        if family != CHAMPION:
            return family
        if self._champion is None:
            raise NotFound("no champion was chosen yet; the next retraining chooses one")
        return self._champion

    def _is_current(self) -> bool:
        return self._pointers.state() == self._state and self._now() < self._try_again_at

    def _current(self) -> dict[str, Served]:
        if not self._is_current():
            with self._lock:
                if not self._is_current():
                    self._load()
        return self._served

    def _load(self) -> None:
        self._settle()
        state = self._pointers.state()
        served: dict[str, Served] = {}
        failed: dict[str, SatispyError] = {}
        troubles: list[Trouble] = []
        vectors: dict[str, WordVectors] = {}
        for family in self._pointers.families():
            former = self._served.get(family)
            run = "?"
            try:
                pointer = self._pointers.of(family)
                if pointer is None:
                    continue
                run = pointer.run
                if former is not None and former.run == run:
                    served[family] = former
                    continue
                served[family] = Served(run, open_run(self._paths, run, vectors))
                log.info("%s now answers for %s", run, family)
            except SatispyError as error:
                log.exception("%s, which should answer for %s, cannot be loaded", run, family)
                failed[family] = error
                good = former or self._last_good(family, vectors)
                if good is not None:
                    served[family] = good
                troubles.append(Trouble(family, run, str(error), good.run if good else None))
        champion = self._crowned()
        self._champion = champion if champion in served else None
        self._served, self._failed, self._troubles = served, failed, troubles
        # Models that stay keep theirs; it is rare that more than two versions serve at once.
        self._vectors = dict([*{**self._vectors, **vectors}.items()][-2:])
        self._try_again_at = self._now() + TRY_AGAIN_SECONDS if failed else math.inf
        self._state = state
        self._told(troubles)

    def _settle(self) -> None:
        """Finish what a killed process began; a history that cannot be read stops nobody here."""
        try:
            self._pointers.settle()
        except SatispyError:
            log.exception("the pointers are taken as they are")

    def _last_good(self, family: str, vectors: dict[str, WordVectors]) -> Served | None:
        """Return the newest run before the present one that can be opened."""
        try:
            before = self._pointers.before(family)
        except SatispyError:
            log.exception("what served %s before is not known", family)
            return None
        for run in before:
            try:
                good = Served(run, open_run(self._paths, run, vectors))
            except SatispyError:
                log.exception("%s cannot be loaded either", run)
                continue
            log.warning("%s, which served before, answers for %s", run, family)
            return good
        return None

    def _crowned(self) -> str | None:
        try:
            pointer = self._pointers.champion()
        except SatispyError:
            log.exception("the champion is not known")
            return None
        return pointer.family if pointer else None

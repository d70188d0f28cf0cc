"""Predictions on demand: every family's serving run, kept warm, replaced when a pointer moves."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from satispy.core.errors import InvalidInput, NotFound, NotReady, SatispyError
from satispy.core.settings import Settings
from satispy.core.types import LABEL_NAMES, WordVectors
from satispy.evaluation.metrics import THRESHOLD
from satispy.features.text import tokenize
from satispy.features.vectors import load_vectors
from satispy.models.serving import OnnxModel
from satispy.registry import runs
from satispy.registry.serving import ServingPointers

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Prediction:
    """What one model says of one text; `probability` is that of label 1."""

    label: int
    label_name: str
    probability: float
    model_version: str


@dataclass(frozen=True)
class _Served:
    run: str
    model: OnnxModel


class Predictor:
    """The serving models of a home; threads may share it.

    A call compares the pointers' times on disk with those it knows, so a run that was published
    answers from the next call on. A new set is loaded whole before it replaces the old one.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pointers = ServingPointers(settings.paths.serving)
        self._lock = threading.Lock()
        self._state: tuple[tuple[str, int], ...] | None = None
        self._served: dict[str, _Served] = {}

    def predict(
        self, texts: Sequence[str], families: Sequence[str] | None = None
    ) -> list[dict[str, Prediction]]:
        """Ask the serving models about each text.

        Parameters
        ----------
        texts
            Reviews; none may be blank.
        families
            Which families to ask; all that serve by default.

        Returns
        -------
        list of dict
            For each text, the predictions by family.

        Raises
        ------
        InvalidInput
            If a text is blank.
        NotReady
            If no model serves yet.
        NotFound
            If a named family does not serve.
        """
        for place, text in enumerate(texts):
            if not text.strip():
                raise InvalidInput(f"expected the text of a review, but texts[{place}] is blank")
        served = self._current()
        if unknown := [name for name in families or () if name not in served]:
            raise NotFound(f"no model serves {', '.join(unknown)}; serving: {', '.join(served)}")
        words = [tokenize(text) for text in texts]
        results: list[dict[str, Prediction]] = [{} for _ in texts]
        for name in served if families is None else dict.fromkeys(families):
            chances = served[name].model.predict_proba(words)
            for result, chance in zip(results, chances, strict=True):
                label = int(chance >= THRESHOLD)
                result[name] = Prediction(
                    label, LABEL_NAMES[label], float(chance), served[name].run
                )
        return results

    def serving(self) -> dict[str, str]:
        """Return the run that answers, by family; `NotReady` where there is none."""
        return {family: one.run for family, one in self._current().items()}

    def _current(self) -> dict[str, _Served]:
        state = self._pointers.state()
        if state != self._state:
            with self._lock:
                if state != self._state:
                    self._served, self._state = self._load_or_keep(), state
        if not self._served:
            raise NotReady("no model serves yet: upload reviews and run the DAG retrain_reviews")
        return self._served

    def _load_or_keep(self) -> dict[str, _Served]:
        """Load what the pointers name; where that is damaged, what answered goes on answering."""
        try:
            return self._load()
        except SatispyError:
            if not self._served:
                raise
            log.exception("the published models cannot be loaded; the former ones go on answering")
            return self._served

    def _load(self) -> dict[str, _Served]:
        vectors: dict[str, WordVectors] = {}
        loaded: dict[str, _Served] = {}
        for pointer in self._pointers.all():
            known = self._served.get(pointer.family)
            if known is not None and known.run == pointer.run:
                loaded[pointer.family] = known
                continue
            folder = self._settings.paths.runs / pointer.run
            version = runs.check(folder)["vectors_version"]
            if version not in vectors:
                vectors[version] = load_vectors(self._settings.paths.vectors / version)
            model = OnnxModel.load(folder, vectors[version])
            loaded[pointer.family] = _Served(pointer.run, model)
            log.info("%s now answers for %s", pointer.run, pointer.family)
        return loaded

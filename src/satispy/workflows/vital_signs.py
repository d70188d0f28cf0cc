"""What a monitor asks of a home at each scrape: little, and cheap to read."""

import logging
import platform
from dataclasses import dataclass, field
from datetime import datetime

from satispy import __version__
from satispy.core.errors import SatispyError
from satispy.core.types import DatasetVersion
from satispy.registry import runs
from satispy.workflows.feedback import waiting_feedback
from satispy.workflows.opening import Home
from satispy.workflows.predict import Predictor

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ServingModel:
    """A model that answers; its age since training, None where its manifest cannot be read."""

    family: str
    run: str
    champion: bool
    age_seconds: float | None


@dataclass
class VitalSigns:
    """How a home is.

    Attributes
    ----------
    readable
        False where the base or the models could not be read; the log says why.
    dataset
        The newest version, None where it cannot be read.
    feedback_waiting
        Corrections that wait for a decision, None where that cannot be read.
    models
        Those that answer.
    troubles
        Number of runs that should answer and cannot.
    """

    version: str = __version__
    python: str = field(default_factory=platform.python_version)
    readable: bool = True
    dataset: DatasetVersion | None = None
    feedback_waiting: int | None = None
    models: list[ServingModel] = field(default_factory=list)
    troubles: int = 0


def vital_signs(home: Home, predictor: Predictor) -> VitalSigns:
    """Read them; what cannot be read is left out, for a monitor wants to know the rest."""
    signs = VitalSigns()
    try:
        signs.dataset = home.store.history.current().version
        signs.feedback_waiting = waiting_feedback(home)
        champion = predictor.champion()
        signs.troubles = len(predictor.troubles())
        signs.models = [
            ServingModel(family, run, family == champion, _age(home, run))
            for family, run in sorted(predictor.serving().items())
        ]
    except SatispyError as error:
        log.warning("the home cannot be read: %s", error)
        signs.readable = False
    return signs


def _age(home: Home, run: str) -> float | None:
    try:
        trained = runs.manifest_of(home.settings.paths.runs, run)["trained_at"]
        return (home.clock() - datetime.fromisoformat(trained)).total_seconds()
    except (SatispyError, KeyError, ValueError) as error:
        log.warning("the age of %s is not known: %s", run, error)
        return None

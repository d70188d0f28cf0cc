"""How everything is, gathered from several answers; one that fails leaves the others."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from reviews_ui import session
from reviews_ui.api.accounts import Account
from reviews_ui.api.alerts import KeptAlerts, kept_alerts
from reviews_ui.api.connection import Connection
from reviews_ui.api.errors import AirflowAway, ApiError, Refused
from reviews_ui.api.feedback import listed
from reviews_ui.api.models import HELD, SERVING, KnownRun, Models, models
from reviews_ui.api.retraining import Retraining, retrainings
from reviews_ui.api.status import Status, status

T = TypeVar("T")

AIRFLOW_SECONDS = 4.0
"""How long the picture waits for Airflow: all else is known already."""


@dataclass(frozen=True)
class State:
    """How everything is; None is what could not be learnt.

    Attributes
    ----------
    status, models, alerts
        As the API says.
    retrainings
        The newest first.
    airflow_away
        Whether Airflow is why they are not known.
    corrections
        How many wait for a decision of this visitor, who is an admin; 0 for others.
    """

    status: Status
    models: Models | None
    alerts: KeptAlerts | None
    retrainings: tuple[Retraining, ...] | None
    airflow_away: bool = False
    corrections: int | None = 0

    @property
    def going_on(self) -> Retraining | None:
        """The retraining that has not ended yet."""
        return next((one for one in self.retrainings or () if one.goes_on), None)

    @property
    def newest(self) -> tuple[KnownRun, ...]:
        """The newest run of each family, families by name."""
        found: dict[str, KnownRun] = {}
        for run in self.models.runs if self.models else ():
            found.setdefault(run.family, run)
        return tuple(found[family] for family in sorted(found))

    @property
    def passed(self) -> tuple[KnownRun, ...]:
        """Those of them that answer."""
        return tuple(run for run in self.newest if run.state == SERVING)

    @property
    def held(self) -> tuple[KnownRun, ...]:
        """Those of them that the gate held."""
        return tuple(run for run in self.newest if run.state == HELD)

    @property
    def unlearnt(self) -> int:
        """Reviews that came since the newest training; 0 where there was none."""
        learnt = max((run.rows for run in self.newest), default=0)
        return max(self.status.rows - learnt, 0) if learnt else 0


def gather(api: Connection, visitor: Account) -> State:
    """Ask for all that concerns a visitor; only what the picture cannot do without is let fail.

    Raises
    ------
    reviews_ui.api.errors.ApiError
        Where the API is away, or the session over.
    """
    found = session.fresh("status", lambda: status(api))
    away: list[ApiError] = []
    training = _or_none(
        "retrainings", lambda: retrainings(api, seconds=AIRFLOW_SECONDS), away.append
    )
    return State(
        status=found,
        models=_or_none("models", lambda: models(api)),
        alerts=_or_none("alerts", lambda: kept_alerts(api)),
        retrainings=training,
        airflow_away=any(isinstance(error, AirflowAway) for error in away),
        corrections=_or_none("corrections", lambda: listed(api, "waiting", 1, 1).total)
        if visitor.may("admin")
        else 0,
    )


def _or_none(
    name: str, ask: Callable[[], T], told: Callable[[ApiError], object] = lambda _error: None
) -> T | None:
    try:
        return session.fresh(name, ask)
    except Refused:
        raise
    except ApiError as error:  # the picture says "unknown" there
        told(error)
        return None

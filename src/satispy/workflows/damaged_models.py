"""Alerts on models that should answer and cannot, kept while nobody waits for them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from satispy.workflows.alerts import settle_models
from satispy.workflows.opening import Home
from satispy.workflows.predict import Trouble


def telling(home: Home) -> Callable[[list[Trouble]], None]:
    """Return what a predictor tells its troubles to."""

    def told(troubles: list[Trouble]) -> None:
        home.errands.submit(partial(_settle, home, list(troubles)))

    return told


def _settle(home: Home, troubles: list[Trouble]) -> None:
    settle_models(home.settings, home.database, home.clock, troubles)

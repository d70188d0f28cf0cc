"""Sending what waits for the webhook: the API again and again, a retraining once at its end."""

from __future__ import annotations

import logging

from satispy.core.clock import Clock
from satispy.core.database import Database
from satispy.core.errands import Again
from satispy.core.errors import SatispyError
from satispy.core.settings import Settings
from satispy.monitoring import outbox
from satispy.monitoring.webhook import post
from satispy.workflows.alerts import webhook_of

EVERY_SECONDS = 5.0
MOST_AT_ONCE = 20
PATIENCE_SECONDS = 2.0

log = logging.getLogger(__name__)


def deliver_due(settings: Settings, database: Database, clock: Clock) -> int:
    """Send the messages whose time has come; stop at the first that is not taken.

    Returns
    -------
    int
        How many were taken.
    """
    url = webhook_of(settings)
    if url is None:
        return 0
    for number in range(MOST_AT_ONCE):
        with database.reading() as connection:
            if not outbox.is_due(connection, clock()):
                return number
        with database.writing() as connection:
            message = outbox.claim(connection, clock())
        if message is None:
            return number
        delivery = post(url, message.id, message.body)
        with database.writing() as connection:
            if delivery.delivered:
                outbox.sent(connection, message, clock())
                outbox.forget_old(connection, clock())
                continue
            given_up = outbox.failed(connection, message, delivery.detail, clock())
        level = logging.ERROR if given_up else logging.WARNING
        then = "it is given up" if given_up else "it is tried again"
        log.log(
            level,
            "the webhook was not told of %s (attempt %d): %s; %s",
            message.id,
            message.attempts,
            delivery.detail,
            then,
        )
        return number
    return MOST_AT_ONCE


class Courier:
    """Sends what waits, in a thread of its own, while the API runs; where no webhook is set, none.

    Parameters
    ----------
    settings
        Name the webhook.
    database
        Where the messages wait, and for how long.
    clock
        Says whose time has come.
    every
        Seconds between two looks.

    Raises
    ------
    ConfigurationError
        If the webhook may not be posted to.
    """

    def __init__(
        self, settings: Settings, database: Database, clock: Clock, every: float = EVERY_SECONDS
    ) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        told = webhook_of(settings) is not None
        self._again = Again("webhook", self._deliver, every) if told else None

    def close(self) -> None:
        """End the thread; what a webhook that hangs did not take is sent again later."""
        if self._again is not None:
            self._again.close(PATIENCE_SECONDS)

    def _deliver(self) -> None:
        try:
            deliver_due(self._settings, self._database, self._clock)
        except SatispyError as error:  # the database is busy or away; the next look tells
            log.warning("the webhook is told later: %s", error)

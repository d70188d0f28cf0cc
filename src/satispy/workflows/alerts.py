"""Alerts: who looks, what is red then, and what the webhook is told of it.

Three look: a retraining at its end (`settle_reports`), the API when it loads models
(`settle_models`), and whoever hears from Airflow how a run ended (`settle_retraining`). Each covers
its own kinds of alerts, so none ends what another has opened.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Protocol

from satispy.core.clock import Clock, iso
from satispy.core.database import Database
from satispy.core.errors import ArtifactDamaged, NoWebhook
from satispy.core.secrecy import masking, secrets_in
from satispy.core.settings import Settings
from satispy.core.webhook_address import SETTING, require_webhook
from satispy.monitoring import alerts, outbox
from satispy.monitoring.alerts import Alert, Change, Scope
from satispy.monitoring.findings import Finding, findings
from satispy.monitoring.webhook import Delivery, post
from satispy.registry.reports import read_report, read_reports

__all__ = [
    "Alert",
    "Delivery",
    "list_alerts",
    "settle_models",
    "settle_reports",
    "settle_retraining",
    "try_webhook",
    "waiting_messages",
    "webhook_of",
]

MOST_LISTED = 200
OF_MODELS, OF_RETRAININGS = Scope(["model-damaged"]), Scope(["retraining-failed"])
IN_WORDS = {"opened": "ALERT", "ended": "over"}

log = logging.getLogger(__name__)


class Damaged(Protocol):
    """A run that should answer for its family and cannot."""

    @property
    def family(self) -> str:
        """Whose model it is."""

    @property
    def run(self) -> str:
        """Which one."""

    @property
    def detail(self) -> str:
        """Why it cannot."""

    @property
    def answers(self) -> str | None:
        """The run that answers meanwhile."""


def list_alerts(database: Database) -> tuple[list[Alert], int]:
    """Return the alerts, the open ones first, the newest first; and how many are open."""
    with database.reading() as connection:
        return alerts.newest(connection, MOST_LISTED)


def settle_reports(settings: Settings, database: Database, clock: Clock) -> list[Change]:
    """Open and end alerts on the scores of each family's newest run."""
    folder = settings.paths.reports
    newest = {report["family"]: report for report in read_reports(folder)}
    red: list[Finding] = []
    looked_at = set()
    for family, report in newest.items():
        try:
            whole = read_report(folder, report["run"])
        except ArtifactDamaged as error:  # then its alerts stay as they are
            log.warning("the report of %s is not looked at: %s", report["run"], error)
            continue
        looked_at.add(family)
        red += findings(whole, settings.alert_threshold)
    scope = Scope(("performance", "slice"), looked_at)
    return _settle(settings, database, clock, scope, red)


def settle_models(
    settings: Settings, database: Database, clock: Clock, damaged: Sequence[Damaged]
) -> list[Change]:
    """Open and end alerts on models that should answer and cannot.

    An alert may leave this machine, so it says where in the home something is, not where that is.
    """
    home = f"{settings.paths.home}/"
    red = [
        Finding(
            "model-damaged",
            f"{one.detail.replace(home, '')}; meanwhile {one.answers or 'none'} answers",
            family=one.family,
            run=one.run,
        )
        for one in damaged
    ]
    return _settle(settings, database, clock, OF_MODELS, red)


def settle_retraining(
    settings: Settings, database: Database, clock: Clock, run: str, failure: str | None
) -> list[Change]:
    """Open the alert that a retraining failed, or end it.

    Parameters
    ----------
    settings, database, clock
        Of the home.
    run
        Airflow's name of the run.
    failure
        What went wrong; None where it went well.
    """
    red = [] if failure is None else [Finding("retraining-failed", failure, run=run)]
    return _settle(settings, database, clock, OF_RETRAININGS, red)


def webhook_of(settings: Settings) -> str | None:
    """Return the address that is to be told, or None.

    Raises
    ------
    ConfigurationError
        If one is set that may not be posted to.
    """
    given = settings.webhook_url
    return None if given is None else require_webhook(given.get_secret_value())


def try_webhook(settings: Settings, clock: Clock, by: str) -> Delivery:
    """Post a test message now, and tell how that went.

    Raises
    ------
    NoWebhook
        If none is set.
    """
    url = webhook_of(settings)
    if url is None:
        raise NoWebhook(f"no webhook is set, so nobody is told of alerts; set {SETTING}")
    message_id = uuid.uuid4().hex
    text = f"Satispy: a test, asked for by {by}. Alerts will come here."
    body = {"id": message_id, "event": "test", "at": iso(clock()), "text": text, "alert": None}
    return post(url, message_id, masking(secrets_in(settings))(body))


def waiting_messages(database: Database) -> list[tuple[outbox.Message, str]]:
    """Return what the webhook is still to be told, each with what came of the last attempt."""
    with database.reading() as connection:
        return outbox.waiting(connection)


def _settle(
    settings: Settings, database: Database, clock: Clock, scope: Scope, red: Iterable[Finding]
) -> list[Change]:
    red = list(red)
    with database.reading() as connection:
        if alerts.is_settled(connection, scope, red):
            return []
    told = webhook_of(settings) is not None
    now = clock()
    with database.writing() as connection:
        changes = alerts.settle(connection, scope, red, now)
        if told:
            mask = masking(secrets_in(settings))
            for change in changes:
                facts = mask(_facts(settings, change, iso(now)))
                outbox.put(connection, change.alert.id, change.event, facts, now)
    for change in changes:
        level = logging.WARNING if change.event == "opened" else logging.INFO
        log.log(level, "%s: %s", IN_WORDS[change.event], change.alert.detail)
    return changes


def _facts(settings: Settings, change: Change, at: str) -> dict[str, Any]:
    """Return the body of a message; `text` is what chat programs show."""
    one = change.alert
    times = {"since": iso(one.since), "ended_at": iso(one.ended_at) if one.ended_at else None}
    return {
        "event": change.event,
        "at": at,
        "text": f"Satispy: {IN_WORDS[change.event]}: {one.detail}",
        "alert": {**asdict(one), **times},
    }

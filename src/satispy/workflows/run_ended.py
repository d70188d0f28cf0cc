"""Airflow's listener calls this in a process of its own: ``python -m … failed|success RUN``.

It opens or ends the alert that a retraining failed, and tells the webhook. It ends by itself, for
nobody waits for it.
"""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Sequence
from contextlib import closing

from satispy.core.clock import Clock, system_clock
from satispy.core.database import Database
from satispy.core.errors import SatispyError
from satispy.core.logs import line_formatter
from satispy.core.settings import Settings, load_settings
from satispy.workflows.alerts import settle_retraining
from satispy.workflows.dag_runs import Retrainings
from satispy.workflows.webhook_delivery import deliver_due

LONGEST_SECONDS = 60
ASKED_SECONDS = 3.0
"""For each answer of Airflow: shorter than any retraining, whose end must not overtake this."""
WRONG_USE = 2

log = logging.getLogger(__name__)


def tell_end(settings: Settings, run: str, *, failed: bool, clock: Clock = system_clock) -> None:
    """Open the alert that a retraining failed, or end it; then tell the webhook.

    Raises
    ------
    SatispyError
        If the database does not take it.
    """
    failure = _what_failed(settings, run, clock) if failed else None
    with closing(Database(settings.database_place)) as database:
        settle_retraining(settings, database, clock, run, failure)
        deliver_due(settings, database, clock)


def _what_failed(settings: Settings, run: str, clock: Clock) -> str:
    """Return a sentence that names the tasks, where Airflow says which."""
    with closing(Retrainings(settings, clock, seconds=ASKED_SECONDS)) as retrainings:
        page = retrainings.page_of(run)
        try:
            tasks = retrainings.failed_tasks(run)
        except SatispyError as error:  # the alert matters more than its words
            log.warning("which task failed is not known: %s", error)
            tasks = []
    at = f" in {', '.join(tasks)}" if tasks else ""
    return f"the retraining {run} failed{at}; its log says why: {page}"


def main(words: Sequence[str] = sys.argv[1:]) -> int:
    """Do it, with the settings of the environment."""
    signal.alarm(LONGEST_SECONDS)  # whatever hangs: nobody else would end it
    if len(words) != 2 or words[0] not in ("failed", "success"):
        sys.stderr.write("expected: failed|success, and the name of a DAG run\n")
        return WRONG_USE
    try:
        settings = load_settings()
        output = logging.StreamHandler(sys.stderr)
        output.setFormatter(line_formatter(settings, sys.stderr))
        logging.basicConfig(handlers=[output])
        logging.getLogger("satispy").setLevel(settings.log_level)
        tell_end(settings, words[1], failed=words[0] == "failed")
    except SatispyError:
        log.exception("no alert was kept of how %s ended", words[1])
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A step as a task of its own process: settings from the environment, log lines to the output."""

import logging
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeVar

from satispy.core.errors import Busy, DatabaseLost, SatispyError
from satispy.core.settings import load_settings
from satispy.workflows.refusals import StepRefused

R = TypeVar("R")

log = logging.getLogger(__name__)


class Output(logging.StreamHandler[Any]):
    """Writes to an output; where nobody reads it any more, the step ends.

    The reader is Airflow's task. It goes away when its time is over, and otherwise waits for us.
    """

    def handleError(self, record: logging.LogRecord) -> None:
        """Let the error through that prevented a line from being written."""
        raise  # logging calls this where it handles the error


def run_step(step: Callable[..., R], *args: Any, **options: Any) -> R:
    """Run a step of a workflow on the home that the environment names.

    Raises
    ------
    StepRefused
        For any error of ours that trying again does not mend; its one line is the last of the log.
    """
    logging.basicConfig(handlers=[Output(sys.stdout)], format="%(name)s: %(message)s")
    logging.getLogger("satispy").setLevel(logging.INFO)  # of others, their warnings
    sys.excepthook = _last_words
    try:
        return step(load_settings(), *args, **options)
    except (Busy, DatabaseLost):
        raise
    except SatispyError as error:
        raise StepRefused(error) from error


def _last_words(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Write a refusal as one line, for the person who mends it; anything else with its trace."""
    if isinstance(error, StepRefused):
        log.error("%s", error)
    else:
        sys.__excepthook__(kind, error, trace)

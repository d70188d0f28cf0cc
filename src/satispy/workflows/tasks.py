"""A step as a task of its own process: settings from the environment, log lines to the output.

The lines are those of every other part (`core.logs`), and name the DAG run as their request. The
last words are a sentence for a person: Airflow shows them beneath the red task.
"""

import gc
import logging
import os
import sys
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeVar

from satispy.core.errors import Busy, DatabaseLost, SatispyError, StoreLost
from satispy.core.logs import bound, line_formatter, masker, printable
from satispy.core.secrecy import masked
from satispy.core.settings import Settings, load_settings
from satispy.workflows.refusals import StepRefused
from satispy.workflows.shared_store import sharing

R = TypeVar("R")

GARBAGE_THRESHOLD = 50_000
"""Of new objects, instead of 700: a step holds a list of words per review, and soon ends."""

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
    output = Output(sys.stdout)
    output.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    logging.basicConfig(handlers=[output])
    sys.excepthook = _last_words
    gc.set_threshold(GARBAGE_THRESHOLD, *gc.get_threshold()[1:])
    try:
        settings = load_settings()
        _speak_as(settings, output)
        with sharing(settings):
            return step(settings, *args, **options)
    except (Busy, DatabaseLost, StoreLost):
        raise
    except SatispyError as error:
        raise StepRefused(error) from error


def _speak_as(settings: Settings, output: logging.Handler) -> None:
    """Write as the settings say, and name the task in each line."""
    output.setFormatter(line_formatter(settings, sys.stdout))
    logging.getLogger("satispy").setLevel(settings.log_level)  # of others, their warnings
    run, task, attempt = (
        os.environ.get(f"AIRFLOW_CTX_{name}") for name in ("DAG_RUN_ID", "TASK_ID", "TRY_NUMBER")
    )
    bound(request_id=run, task=task, attempt=attempt)


def _last_words(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Say a refusal in one line, for the person who mends it; anything else with its trace."""
    refused = isinstance(error, StepRefused)
    log.error("the step was refused" if refused else "the step failed", extra={"error": f"{error}"})
    mask = _mask()
    if refused:
        sys.stdout.write(f"{__name__}: {printable(mask(str(error)))}\n")
        sys.stdout.flush()
    else:
        sys.stderr.write(mask("".join(traceback.format_exception(kind, error, trace))))
        sys.stderr.flush()


def _mask() -> Callable[[str], str]:
    try:
        return masker(load_settings())
    except SatispyError:
        return masked

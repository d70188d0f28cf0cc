"""How the command line speaks: rich on the standard output, errors as one line on the other."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.markup import escape

from satispy.core.errors import ConfigurationError, SatispyError
from satispy.core.secrecy import MaskedLines, masked

# In a file or a pipe lines may be long; rich would cut tables at 80 characters there.
console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
complaints = Console(stderr=True, highlight=False, soft_wrap=True)

FAILURE = 1
WRONG_USE = 2
NOT_RUNNING = 3
INTERRUPTED = 130


def say(line: str) -> None:
    """Show one step."""
    console.print(escape(line), style="dim", soft_wrap=True)


def warn(line: str) -> None:
    """Tell what went wrong beside what was asked for."""
    complaints.print(f"[bold yellow]warning[/] {escape(masked(line))}")


def mask_warnings() -> None:
    """Let what libraries warn of go where complaints go, without secrets."""
    logging.lastResort = logging.StreamHandler()
    logging.lastResort.setLevel(logging.WARNING)
    logging.lastResort.setFormatter(MaskedLines())


@contextmanager
def spoken_errors() -> Iterator[None]:
    """Turn our errors into one message and an exit code: 2 for settings, else 1.

    So it does with what the operating system refuses, such as writing in the home. Ctrl-C ends with
    130, as shells expect. What is neither is a defect and keeps its traceback.
    """
    try:
        yield
    except SatispyError as error:
        complaints.print(f"[bold red]error[/] {escape(masked(str(error)))}")
        code = WRONG_USE if isinstance(error, ConfigurationError) else FAILURE
        raise typer.Exit(code) from error
    except BrokenPipeError:
        raise  # `satispy status | head`: click ends quietly
    except OSError as error:
        # A folder that cannot be made, read or written is the machine's state and no defect: who
        # reads this can mend it, and a traceback would only hide where.
        where = f"{error.filename}: " if error.filename else ""
        complaints.print(
            f"[bold red]error[/] {escape(f'{where}{error.strerror or error}')}. SATISPY_HOME must "
            "name a folder that you may write to, on a disk with room; "
            f"it is {escape(os.environ.get('SATISPY_HOME', 'not set'))}."
        )
        raise typer.Exit(FAILURE) from error
    except KeyboardInterrupt as error:
        complaints.print("interrupted")
        raise typer.Exit(INTERRUPTED) from error

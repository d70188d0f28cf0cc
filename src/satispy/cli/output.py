"""How the command line speaks: rich on the standard output, errors as one line on the other."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.markup import escape

from satispy.core.errors import ConfigurationError, SatispyError

console = Console(highlight=False)
complaints = Console(stderr=True, highlight=False, soft_wrap=True)

FAILURE = 1
WRONG_USE = 2
NOT_RUNNING = 3
INTERRUPTED = 130


def say(line: str) -> None:
    """Show one step."""
    console.print(escape(line), style="dim", soft_wrap=True)


@contextmanager
def spoken_errors() -> Iterator[None]:
    """Turn our errors into one message and an exit code: 2 for settings, else 1.

    Ctrl-C ends with 130, as shells expect. What is not ours is a defect and keeps its traceback.
    """
    try:
        yield
    except SatispyError as error:
        complaints.print(f"[bold red]error[/] {escape(str(error))}")
        code = WRONG_USE if isinstance(error, ConfigurationError) else FAILURE
        raise typer.Exit(code) from error
    except KeyboardInterrupt as error:
        complaints.print("interrupted")
        raise typer.Exit(INTERRUPTED) from error

"""`satispy mlflow`: let MLflow catch up by hand."""

from typing import Annotated

import typer

from satispy.cli.output import console, say, spoken_errors
from satispy.core.settings import load_settings
from satispy.stack.mlflow import with_running_mlflow
from satispy.workflows import tracking

mlflow = typer.Typer(help="What MLflow is told of runs and decisions.", no_args_is_help=True)


@mlflow.callback()
def _group() -> None:
    """Keep `sync` a word of its own, though it is the only one."""


@mlflow.command()
def sync(
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Look again at what MLflow is known to have.")
    ] = False,
) -> None:
    """Bring MLflow to where the runs and the history are; waits as long as it takes."""
    with spoken_errors():
        settings = with_running_mlflow(load_settings())
        found = tracking.catch_up(settings, everything=everything, say=say)
        console.print(
            f"{found.url} is in step: {found.all_runs} runs, {found.new_runs} of them told now",
            soft_wrap=True,
        )

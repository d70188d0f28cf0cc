"""`satispy retrain`: the DAG's very steps in one process, with a bar."""

import getpass
import logging
from typing import Annotated

import typer
from rich.logging import RichHandler
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from satispy.cli.output import FAILURE, complaints, console, spoken_errors
from satispy.core.secrecy import MaskedLines
from satispy.core.settings import load_settings
from satispy.stack.mlflow import with_running_mlflow


def retrain(
    *,
    renew_vectors: Annotated[
        bool, typer.Option("--renew-vectors", help="Learn new word vectors, whatever they know.")
    ] = False,
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask here before what the gate blessed may serve.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show each step's log.")] = False,
) -> None:
    """Retrain every family now, without Airflow: train, evaluate, judge, promote or hold."""
    with spoken_errors():
        from satispy.workflows.retraining.promote import Answer  # brings what training needs
        from satispy.workflows.retraining.whole import retrain as run

        settings = with_running_mlflow(load_settings())
        columns = (
            TextColumn("{task.description:<14}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=console) as progress:
            bar = progress.add_task("starting")
            if verbose:
                _show_logs()

            def tell(step: str, done: int, steps: int) -> None:
                progress.update(bar, description=step, completed=done, total=steps)
                if not progress.console.is_terminal:
                    progress.console.print(step, markup=False)

            def answer(blessed: dict[str, str]) -> Answer:
                progress.stop()
                for family, said in blessed.items():
                    console.print(f"{family}: {said}", markup=False, soft_wrap=True)
                approved = typer.confirm("May these models serve?")
                comment = typer.prompt("Comment, kept in the history", default="")
                progress.start()
                return Answer(approved, f"{getpass.getuser()} (command line)", comment)

            found = run(settings, tell, renew_vectors=renew_vectors, answer=answer if ask else None)
        for family, said in found.decided.items():
            console.print(f"{family}: {said}", markup=False, soft_wrap=True)
        for family, why in found.failed.items():
            complaints.print(f"{family} was not trained: {why}", markup=False)
        if found.failed:
            raise typer.Exit(FAILURE)


def _show_logs() -> None:
    handler = RichHandler(console=console, show_path=False, show_time=False, markup=False)
    handler.setFormatter(MaskedLines())
    logging.basicConfig(handlers=[handler])
    logging.getLogger("satispy").setLevel(logging.INFO)

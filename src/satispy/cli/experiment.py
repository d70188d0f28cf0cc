"""`satispy experiment`: steps of a retraining on files of their own; `dvc.yaml` runs them."""

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from satispy.cli.output import console, spoken_errors
from satispy.core.settings import Settings, load_settings
from satispy.workflows.experiment import TOLD, Experiment

experiment = typer.Typer(
    help="Try hyper-parameters on files of their own; nothing of it ever serves.",
    no_args_is_help=True,
)

Family = Annotated[str, typer.Argument(help="Name of the family.")]
Folder = Annotated[Path, typer.Option(help="Where the experiment's files go.")]
PlanFile = Annotated[
    Path | None, typer.Option("--plan", help="A plan of its own, in place of SATISPY_PLAN.")
]
EXPERIMENT = Path("experiment")


@experiment.command()
def prepare(*, folder: Folder = EXPERIMENT, plan: PlanFile = None) -> None:
    """Take the reviews of the base as it is; learn word vectors from the training side."""
    with spoken_errors():
        _opened(folder, plan).prepare()


@experiment.command()
def train(family: Family, *, folder: Folder = EXPERIMENT, plan: PlanFile = None) -> None:
    """Train one family with the hyper-parameters of the plan."""
    with spoken_errors():
        _opened(folder, plan).train(family)


@experiment.command()
def evaluate(family: Family, *, folder: Folder = EXPERIMENT, plan: PlanFile = None) -> None:
    """Let a trained family sit the exam; write and show its scores."""
    with spoken_errors():
        scores = _opened(folder, plan).evaluate(family)
        shown = ", ".join(f"{name} {scores[name]:.4f}" for name in TOLD)
        console.print(f"{family}: {shown}", markup=False)


def _opened(folder: Path, plan: Path | None) -> Experiment:
    logging.basicConfig(stream=sys.stderr, format="%(message)s")
    logging.getLogger("satispy").setLevel(logging.INFO)
    settings: Settings = load_settings()
    return Experiment(
        settings if plan is None else settings.model_copy(update={"plan": plan}), folder
    )

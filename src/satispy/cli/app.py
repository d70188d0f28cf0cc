"""The command `satispy` and its groups."""

import typer

from satispy.cli import stack
from satispy.cli.alerts import alerts
from satispy.cli.audit import audit
from satispy.cli.data import data
from satispy.cli.experiment import experiment
from satispy.cli.feedback import feedback
from satispy.cli.lineage import lineage
from satispy.cli.mlflow import mlflow
from satispy.cli.models import models
from satispy.cli.output import mask_warnings
from satispy.cli.retrain import retrain
from satispy.cli.signing import secrets
from satispy.cli.smoke import smoke
from satispy.cli.stress import stress
from satispy.cli.tour import tour
from satispy.cli.tune import tune
from satispy.cli.users import users
from satispy.cli.vectors import vectors

app = typer.Typer(
    name="satispy",
    help="Keep customer-review sentiment models fresh.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
stack.register(app)
app.command()(retrain)
app.command()(tour)
app.command()(smoke)
app.command()(stress)
app.command()(tune)
app.command()(lineage)
app.add_typer(users, name="users")
app.add_typer(secrets, name="secrets")
app.add_typer(data, name="data")
app.add_typer(feedback, name="feedback")
app.add_typer(audit, name="audit")
app.add_typer(alerts, name="alerts")
app.add_typer(experiment, name="experiment")
app.add_typer(models, name="models")
app.add_typer(mlflow, name="mlflow")
app.add_typer(vectors, name="vectors")


def main() -> None:
    """Run the command line."""
    mask_warnings()
    app()

"""`satispy alerts`: what is red, and whether the webhook hears of it."""

from contextlib import closing

import typer

from satispy.cli.output import FAILURE, complaints, console, spoken_errors
from satispy.core.clock import system_clock
from satispy.core.database import Database
from satispy.core.settings import load_settings
from satispy.workflows.alerts import list_alerts, try_webhook, waiting_messages
from satispy.workflows.audit import administrative_act

alerts = typer.Typer(help="What is red, and who is told of it.", no_args_is_help=True)


@alerts.command("list")
def list_all() -> None:
    """List the open alerts, then those that have ended, and what the webhook still waits for."""
    with spoken_errors():
        with closing(Database(load_settings().database_place)) as database:
            found, still_open = list_alerts(database)
            waiting = waiting_messages(database)
        for one in found:
            ended = f"ended {one.ended_at:%Y-%m-%d %H:%M:%S}" if one.ended_at else "open"
            line = f"{one.id}  since {one.since:%Y-%m-%d %H:%M:%S}  {ended}  {one.kind}"
            console.print(f"{line}: {one.detail}", markup=False, soft_wrap=True)
        for message, complaint in waiting:
            why = f": {complaint}" if complaint else ""
            console.print(
                f"the webhook is still to be told of {message.id} ({message.event}), after "
                f"{message.attempts} attempts{why}",
                markup=False,
                soft_wrap=True,
            )
        console.print(f"{still_open} open")


@alerts.command()
def test() -> None:
    """Post a test to the webhook; ends with 1 where it is not taken."""
    with spoken_errors():
        settings = load_settings()
        with administrative_act(settings, "alerts.test"):
            delivery = try_webhook(settings, system_clock, "the command line")
        if delivery.delivered:
            console.print(f"delivered: {delivery.detail} ({delivery.status})")
            return
        complaints.print(f"[bold red]not delivered[/] {delivery.detail}")
    raise typer.Exit(FAILURE)

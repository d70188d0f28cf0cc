"""`satispy secrets rotate` and `list`."""

from datetime import datetime
from typing import Annotated

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from satispy.cli.output import console, spoken_errors, warn
from satispy.core.clock import system_clock
from satispy.core.settings import load_settings
from satispy.workflows.audit import administrative_act
from satispy.workflows.sign_in import kept_secrets, signing_keys

OWNER_ONLY = 0o600

secrets = typer.Typer(help="What this home keeps secret.", no_args_is_help=True)


@secrets.command()
def rotate(
    *,
    at_once: Annotated[
        bool,
        typer.Option(
            "--at-once", help="Drop the earlier keys now: every token ends. After a leak."
        ),
    ] = False,
) -> None:
    """Make a new key that signs tokens; the earlier ones verify until their tokens have expired."""
    with spoken_errors():
        settings = load_settings()
        keys = signing_keys(settings)
        with administrative_act(settings, "secrets.rotate", "at once" if at_once else ""):
            fresh = keys.rotate(at_once=at_once)
        console.print(f"key {fresh.id} signs from now on")
        for key in keys.list()[1:]:
            console.print(f"key {key.id} verifies until {key.verifies_until:%Y-%m-%d %H:%M} UTC")
        if at_once:
            console.print("every token has ended; API keys and passwords go on")


@secrets.command("list")
def list_secrets() -> None:
    """List the secrets of this home by id and age; never their values."""
    with spoken_errors():
        settings, now = load_settings(), system_clock()
        table = Table("secret", "age", "state", box=box.SIMPLE)
        for key in signing_keys(settings).list():
            until = key.verifies_until
            state = "signs" if until is None else f"verifies until {until:%Y-%m-%d %H:%M} UTC"
            table.add_row(f"signing key {key.id}", _age(key.created_at, now), state)
        files = kept_secrets(settings)
        for file in files:
            table.add_row(escape(file.name), _age(file.changed_at, now), f"{file.mode:04o}")
        console.print(table)
        for file in files:
            if file.mode & ~OWNER_ONLY:
                where = settings.paths.secrets / file.name
                warn(f"others may read {where} ({file.mode:04o}): chmod 600 {where}")


def _age(since: datetime, now: datetime) -> str:
    hours = int((now - since).total_seconds() // 3600)
    return f"{hours // 24} d" if hours >= 48 else f"{hours} h"

"""`satispy users add`, `passwd`, `list` and `disable`."""

import secrets
import sys
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from satispy.accounts.users import Role
from satispy.cli.output import console, spoken_errors
from satispy.core.settings import load_settings
from satispy.workflows.accounts import change_password
from satispy.workflows.opening import open_home

users = typer.Typer(help="Who may use the API and the page.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name of the user, without ':'.")]
Generate = Annotated[bool, typer.Option("--generate", help="Make up a password and print it.")]


@users.command()
def add(
    name: Name,
    *,
    role: Annotated[Role, typer.Option(help="An admin may upload files; a user may not.")] = "user",
    generate: Generate = False,
) -> None:
    """Add a user; the password is asked for, or read from the standard input."""
    with spoken_errors():
        home = open_home(load_settings())
        home.users.add(name, new_password(name, generate=generate), role)
        console.print(f"added {name} ({role})", markup=False)


@users.command()
def passwd(name: Name, *, generate: Generate = False) -> None:
    """Set a new password; the old one ends at once."""
    with spoken_errors():
        home = open_home(load_settings())
        change_password(home, name, new_password(name, generate=generate))
        console.print(f"changed the password of {name}", markup=False)


@users.command("list")
def list_users() -> None:
    """List all users."""
    with spoken_errors():
        table = Table("name", "role", "state", "since (UTC)", box=box.SIMPLE)
        for user in open_home(load_settings()).users.list():
            state = "disabled" if user.disabled else "open"
            table.add_row(user.name, user.role, state, f"{user.created_at:%Y-%m-%d %H:%M}")
        console.print(table)


@users.command()
def disable(name: Name) -> None:
    """Close an account; it stays in the list."""
    with spoken_errors():
        open_home(load_settings()).users.disable(name)
        console.print(f"disabled {name}", markup=False)


def new_password(name: str, *, generate: bool) -> str:
    """Make up a password, ask for one twice, or read one line where there is no terminal."""
    if generate:
        made = secrets.token_urlsafe(18)
        console.print(f"password of {name}: {made}", markup=False)
        return made
    if not sys.stdin.isatty():
        return sys.stdin.readline().removesuffix("\n")
    answer: str = typer.prompt("New password", hide_input=True, confirmation_prompt=True)
    return answer

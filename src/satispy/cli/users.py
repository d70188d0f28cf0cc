"""`satispy users add`, `passwd`, `role`, `list`, `disable` and `enable`."""

import secrets
import sys
from typing import Annotated

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from satispy.cli.keys import keys
from satispy.cli.output import console, spoken_errors
from satispy.core.settings import load_settings
from satispy.workflows.accounts import (
    ADMIN,
    Role,
    add_user,
    change_password,
    change_user,
    disable_user,
    enable_user,
    open_accounts,
)
from satispy.workflows.accounts import list_users as all_users
from satispy.workflows.audit import administrative_act

AIRFLOW_LATER = (
    "kept in secrets/admin_password (0600) for Airflow, which takes it at the next start: "
    "make down, make up"
)

users = typer.Typer(help="Who may use the API and the page.", no_args_is_help=True)
users.add_typer(keys, name="keys")

Name = Annotated[str, typer.Argument(help="Name of the user, without ':'.")]
Generate = Annotated[bool, typer.Option("--generate", help="Make up a password and print it.")]


@users.command()
def add(
    name: Name,
    *,
    role: Annotated[
        Role,
        typer.Option(help="A viewer reads, a user predicts and comments too, an admin does all."),
    ] = "user",
    generate: Generate = False,
) -> None:
    """Add a user; the password is asked for, or read from the standard input."""
    with spoken_errors():
        password = new_password(generate=generate)
        settings = load_settings()
        act = administrative_act(settings, "users.add", name)
        with open_accounts(settings) as accounts, act:
            add_user(accounts, name, password, role)
        tell(f"added {name} ({role})", password, generate=generate)


@users.command()
def passwd(name: Name, *, generate: Generate = False) -> None:
    """Set a new password; the old one ends at once."""
    with spoken_errors():
        password = new_password(generate=generate)
        settings = load_settings()
        with (
            open_accounts(settings) as accounts,
            administrative_act(settings, "users.passwd", name),
        ):
            change_password(accounts, name, password)
        tell(f"changed the password of {name}", password, generate=generate)
        if name == ADMIN:
            console.print(AIRFLOW_LATER)


@users.command("role")
def change_role(name: Name, role: Annotated[Role, typer.Argument(help="The new role.")]) -> None:
    """Give a user another role; whoever is signed in by token signs in anew."""
    with spoken_errors(), open_accounts(load_settings()) as accounts:
        with administrative_act(accounts.settings, "users.role", f"{name}: {role}"):
            change_user(accounts, name, role=role)
        console.print(f"{name} has the role {role}", markup=False)


@users.command("list")
def list_users() -> None:
    """List all users."""
    with spoken_errors(), open_accounts(load_settings()) as accounts:
        table = Table("name", "role", "state", "since (UTC)", box=box.SIMPLE)
        for user in all_users(accounts):
            state = "disabled" if user.disabled else "open"
            table.add_row(escape(user.name), user.role, state, f"{user.created_at:%Y-%m-%d %H:%M}")
        console.print(table)


@users.command()
def disable(name: Name) -> None:
    """Close an account; it stays in the list."""
    with spoken_errors(), open_accounts(load_settings()) as accounts:
        with administrative_act(accounts.settings, "users.disable", name):
            disable_user(accounts, name)
        console.print(f"disabled {name}", markup=False)
        if name == ADMIN:
            console.print("Airflow's own admin stays as it is.")


@users.command()
def enable(name: Name) -> None:
    """Open a closed account again."""
    with spoken_errors(), open_accounts(load_settings()) as accounts:
        with administrative_act(accounts.settings, "users.enable", name):
            enable_user(accounts, name)
        console.print(f"enabled {name}", markup=False)


def tell(line: str, password: str, *, generate: bool) -> None:
    """Say what was done, and a password that was made up: nobody else knows it."""
    console.print(line, markup=False, soft_wrap=True)
    if generate:
        console.print(f"password: {password}", markup=False, soft_wrap=True)


def new_password(*, generate: bool) -> str:
    """Make up a password, ask for one twice, or read one line where there is no terminal."""
    if generate:
        return secrets.token_urlsafe(18)
    if not sys.stdin.isatty():
        return sys.stdin.readline().removesuffix("\n")
    answer: str = typer.prompt("New password", hide_input=True, confirmation_prompt=True)
    return answer

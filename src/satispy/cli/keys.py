"""`satispy users keys add`, `list` and `revoke`: API keys for machines."""

from typing import Annotated

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from satispy.cli.output import console, spoken_errors
from satispy.core.clock import system_clock
from satispy.core.settings import load_settings
from satispy.workflows.accounts import open_accounts
from satispy.workflows.audit import administrative_act
from satispy.workflows.sign_in import MOST_DAYS, SCOPES, ApiKey, Role, Wish, keys_of, make_key
from satispy.workflows.sign_in import revoke_key as end_key

keys = typer.Typer(help="API keys for machines.", no_args_is_help=True)


@keys.command()
def add(
    owner: Annotated[str, typer.Argument(help="The user whose key it is.")],
    name: Annotated[str, typer.Argument(help="What it is for.")],
    *,
    role: Annotated[Role, typer.Option(help="Not above the owner's.")] = "user",
    scope: Annotated[
        list[str] | None,
        typer.Option(help=f"Limits it; once or several times: {', '.join(SCOPES)}."),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="Days until it ends.")] = 90,
) -> None:
    """Make an API key and print it; it cannot be shown again."""
    with spoken_errors(), open_accounts(load_settings()) as accounts:
        with administrative_act(accounts.settings, "users.keys.add", f"{owner}: {name}"):
            key, text = make_key(accounts, Wish(owner, name, role, days, scope or ()), by=None)
        until = f"until {key.expires_at:%Y-%m-%d}"
        line = f"key {key.id} of {owner} ({_good_for(key)}) {until}:"
        console.print(line, markup=False, soft_wrap=True)
        console.print(text, markup=False, soft_wrap=True)


@keys.command("list")
def list_keys() -> None:
    """List all API keys, the newest first; never the keys themselves."""
    with spoken_errors(), open_accounts(load_settings()) as accounts:
        columns = ("id", "owner", "name", "good for", "state", "last used (UTC)")
        table = Table(*columns, box=box.SIMPLE)
        for key in keys_of(accounts, by=None):
            used = "never" if key.last_used_at is None else f"{key.last_used_at:%Y-%m-%d %H:%M}"
            names = (escape(key.owner), escape(key.name))
            table.add_row(key.id, *names, _good_for(key), _state(key), used)
        console.print(table)


@keys.command()
def revoke(key_id: Annotated[str, typer.Argument(help="As `satispy users keys list`.")]) -> None:
    """End an API key at once; it stays in the list."""
    with spoken_errors(), open_accounts(load_settings()) as accounts:
        with administrative_act(accounts.settings, "users.keys.revoke", key_id):
            key = end_key(accounts, key_id, by=None)
        line = f"revoked key {key.id} of {key.owner} ({key.name})"
        console.print(line, markup=False, soft_wrap=True)


def _good_for(key: ApiKey) -> str:
    return f"{key.role}: {', '.join(key.scopes) or 'all'}"


def _state(key: ApiKey) -> str:
    if key.revoked_at is not None:
        return "revoked"
    end = f"{key.expires_at:%Y-%m-%d}"
    return f"ended {end}" if key.expires_at <= system_clock() else f"until {end}"

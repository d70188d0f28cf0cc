"""`satispy audit`: who did what; is the trail as it was written."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from satispy.cli.output import FAILURE, complaints, console, spoken_errors
from satispy.core.errors import InvalidInput
from satispy.core.settings import load_settings
from satispy.workflows.audit import Filter, list_records, verify_trail

audit = typer.Typer(help="Who did what, and whether that record is whole.", no_args_is_help=True)

Moment = Annotated[str | None, typer.Option(help="Such as '2026-03-03 14:00'; UTC unless it says.")]


@audit.command("list")
def list_acts(
    *,
    who: Annotated[str | None, typer.Option(help="Of one user alone.")] = None,
    act: Annotated[str | None, typer.Option(help="Such as users.add.")] = None,
    outcome: Annotated[str | None, typer.Option(help="How it begins, such as 403.")] = None,
    since: Moment = None,
    until: Moment = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 50,
) -> None:
    """List the records, newest first."""
    with spoken_errors():
        wanted = Filter(who, act, outcome, _moment(since), _moment(until))
        records, total = list_records(load_settings(), wanted, limit=limit)
        for one in records:
            by = f"{one.who or 'nobody'}{f' ({one.role})' if one.role else ''}"
            on = f" [{one.object}]" if one.object else ""
            note = f": {one.detail}" if one.detail else ""
            console.print(
                f"{one.number}  {one.at:%Y-%m-%d %H:%M:%S}  {one.outcome}  {one.act}{on} by {by} "
                f"from {one.source or 'nowhere'}{note}",
                markup=False,
                soft_wrap=True,
            )
        console.print(f"{len(records)} of {total} records")


@audit.command()
def verify(
    expect: Annotated[
        list[str] | None,
        typer.Option(help="An end that was noted earlier, NUMBER:CHAIN; may be given again."),
    ] = None,
) -> None:
    """Read the whole trail and compare the chain; ends with 1 where a record is wrong."""
    with spoken_errors():
        found = verify_trail(load_settings(), expect or [])
        end = f"{found.head.number}:{found.head.chain}"
        if found.wrong is None:
            console.print(
                f"sound: every record as it was written; the end is {end}", soft_wrap=True
            )
            return
        complaints.print(
            f"[bold red]damaged[/] {found.wrong}. The records up to {end} are as they were "
            "written; docs/audit.md says what to do."
        )
    raise typer.Exit(FAILURE)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(
            f"expected a moment such as '2026-03-03 14:00', but received {text!r}"
        ) from error

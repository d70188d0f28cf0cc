"""`satispy feedback list`, `accept`, `reject` and `erase`: what people corrected."""

from typing import Annotated

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from satispy.cli.data import Yes, confirm, opened, operator, recorded
from satispy.cli.output import console

feedback = typer.Typer(help="What people corrected: accept it, or not.", no_args_is_help=True)

SHOWN = 60
"""Characters of a text that a list shows."""

Number = Annotated[int, typer.Argument(help="As `satispy feedback list` shows it.")]


@feedback.command("list")
def list_feedback(
    *,
    state: Annotated[
        str | None, typer.Option(help="waiting, accepted or rejected; all if left out.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 30,
) -> None:
    """List corrections, newest first."""
    with opened() as home:
        from satispy.core.errors import InvalidInput
        from satispy.workflows.feedback import STATES, feedback_page

        known = next((one for one in STATES if one == state), None)
        if state is not None and known is None:
            raise InvalidInput(f"expected {', '.join(STATES)}, but received {state[:40]!r}")
        found, total = feedback_page(home, state=known, author=None, page=1, page_size=limit)
        table = Table("id", "when (UTC)", "by", "star", "text", "state", "row", box=box.SIMPLE)
        for one in found:
            short = one.text if len(one.text) <= SHOWN else f"{one.text[:SHOWN]}…"
            decided = f"{one.state} by {one.decided_by}" if one.decided_by else one.state
            table.add_row(
                *(str(one.id), f"{one.at:%Y-%m-%d %H:%M}", escape(one.author), str(one.star)),
                escape(" ".join(short.split())),
                escape(f"{decided}: {one.reason}" if one.reason else decided),
                "" if one.review_id is None else str(one.review_id),
            )
        console.print(table)
        if total > len(found):
            console.print(f"and {total - len(found)} older ones: --limit {total}")


@feedback.command()
def accept(number: Number) -> None:
    """Accept a correction: from now on the base says it."""
    with opened() as home:
        from satispy.workflows.feedback import accept_feedback

        with recorded(home, "feedback.accept", str(number)):
            done = accept_feedback(home, number, operator())
        stands = "" if done.replaces is None else f", in place of row {done.replaces}"
        console.print(f"feedback {number} is accepted: row {done.review_id} says it{stands}")


@feedback.command()
def reject(
    number: Number,
    *,
    reason: Annotated[str, typer.Option("--reason", "-m", help="Why; its author reads it.")] = "",
) -> None:
    """Reject a correction; its author sees why."""
    with opened() as home:
        from satispy.workflows.feedback import reject_feedback

        with recorded(home, "feedback.reject", str(number)):
            reject_feedback(home, number, operator(), reason)
        console.print(f"feedback {number} is rejected")


@feedback.command()
def erase(number: Number, *, yes: Yes = False) -> None:
    """Remove a correction and its text for good; of an accepted one, erase the row instead."""
    with opened() as home:
        from satispy.workflows.feedback import erase_feedback

        confirm(f"Feedback {number} and its text will be gone. Erase?", yes=yes)
        with recorded(home, "feedback.erase", str(number)):
            erase_feedback(home, number)
        console.print(f"feedback {number} is gone")

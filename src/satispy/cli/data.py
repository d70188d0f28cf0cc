"""`satispy data`: verify, search, versions, export, restore, adopt, erase, mask."""

import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from satispy.cli.output import FAILURE, complaints, console, spoken_errors
from satispy.core.errors import InvalidInput
from satispy.core.settings import load_settings

if TYPE_CHECKING:
    from satispy.workflows.base import Rewritten
    from satispy.workflows.opening import Home

# Each command loads what it calls: the libraries of the data would delay every other command.

data = typer.Typer(help="The base of reviews: is it whole, what was it, what must go.")

_COLUMNS: Final[dict[str, Literal["left", "right"]]] = {
    "version": "right",
    "when (UTC)": "left",
    "what": "left",
    "by": "left",
    "rows in it": "right",
    "of": "right",
    "state": "left",
}

_REMEDIES: Final = (
    "Rows behind the end: satispy data restore takes them out and keeps a copy. Changed or missing "
    "bytes: satispy data restore --from BACKUP brings them back. An edit that is wanted: satispy "
    "data adopt takes the file as it is as a new base."
)

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@data.command()
def verify() -> None:
    """Compare every byte of the base with the ledger; ends with 1 where they disagree."""
    from satispy.workflows import base

    with opened() as home:
        found = base.verify_base(home)
        head = found.head
        if found.tail:
            _say(found.tail)
        if found.sound:
            _say(
                f"sound: {home.settings.paths.base} is version {head.number}, every byte as "
                f"committed: {head.rows_total} rows, {head.end_offset} bytes, chain {head.chain}"
            )
            return
        complaints.print(
            f"[bold red]damaged[/] {escape(str(home.settings.paths.base))}: {escape(found.wrong)}. "
            f"{_REMEDIES}"
        )
    raise typer.Exit(FAILURE)


@data.command()
def search(
    words: Annotated[
        list[str] | None, typer.Argument(help="All must stand in the text; livr* finds beginnings.")
    ] = None,
    star: Annotated[
        list[int] | None, typer.Option(min=1, max=5, help="May be given several times.")
    ] = None,
    source: Annotated[list[str] | None, typer.Option(help="May be given several times.")] = None,
    company: Annotated[list[str] | None, typer.Option(help="May be given several times.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, from the newest on.")] = 20,
) -> None:
    """Find reviews, the newest first; ends with 0 also where none is found."""
    from satispy.workflows.reading import Question, search_reviews

    with opened() as home:
        question = Question(
            " ".join(words or ()), tuple(star or ()), tuple(source or ()), tuple(company or ())
        )
        found, total = search_reviews(home, question, page=1, page_size=limit)
        table = Table(box=box.SIMPLE, padding=(0, 1, 0, 0))
        for heading in ("inID", "star", "date", "source", "company"):
            table.add_column(heading, no_wrap=True)
        table.add_column("text", overflow="fold", ratio=1)
        for one in found:
            day = one.date.isoformat() if one.date else ""
            cells = (str(one.id), str(one.star), day, one.source, one.company, one.Commentaire)
            table.add_row(*map(escape, map(_shown, cells)))
        console.print(table)
        _say(f"{len(found)} of {total} reviews")


@data.command()
def versions(
    limit: Annotated[int, typer.Option(min=1, help="How many, from the newest on.")] = 50,
) -> None:
    """List the dataset versions, newest first."""
    from satispy.workflows import base

    with opened() as home:
        table = Table(box=box.SIMPLE, padding=(0, 1, 0, 0))
        for heading, where in _COLUMNS.items():
            # What must not be cut stays on one line; names take the room that is left.
            names = heading in {"what", "by"}
            table.add_column(heading, justify=where, no_wrap=not names, overflow="fold")
        for version in base.newest_versions(home, limit):
            entry = version.entry
            what = f"{entry.kind} {entry.filename}" if entry.filename else entry.kind
            table.add_row(
                str(entry.number),
                f"{entry.received_at:%Y-%m-%d %H:%M}",
                escape(what),
                escape(entry.received_by),
                str(entry.rows_accepted),
                str(entry.rows_total),
                "readable" if version.readable else "erased",
            )
        console.print(table)


@data.command()
def export(
    version: Annotated[
        int | None, typer.Option(min=0, help="Which; the newest if left out.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="A new file; the standard output if left out.")
    ] = None,
) -> None:
    """Write a version of the base, byte by byte as it was committed."""
    from satispy.workflows import base

    with opened() as home:
        if output is not None and not output.parent.is_dir():
            raise InvalidInput(f"expected a folder to write into, but found no {output.parent}")
        if output is None:
            base.write_version(home, version, sys.stdout.buffer)
            return
        entry = base.export_version(home, version, output)
        _say(f"wrote version {entry.number} ({entry.rows_total} rows) to {output}")


@data.command()
def restore(
    backups: Annotated[
        list[Path] | None,
        typer.Option("--from", help="An older copy of data_MAJ.csv; may be given several times."),
    ] = None,
) -> None:
    """Put the committed rows back where the base was changed; what stood there is kept aside."""
    from satispy.workflows import base

    with opened() as home:
        with recorded(home, "data.restore", ", ".join(map(str, backups or []))):
            done = base.restore_base(home, backups or [])
        _say(f"{home.settings.paths.base} holds version {done.version}, every byte as committed")
        if done.replaced is not None:
            _say(f"what stood there before is kept in {done.replaced}")


@data.command()
def adopt(*, yes: Yes = False) -> None:
    """Take data_MAJ.csv as it lies there, changed by hand, as a new base."""
    from satispy.workflows import base

    with opened() as home:
        confirm("Earlier versions can be read no more. Adopt the file as it is?", yes=yes)
        with recorded(home, "data.adopt"):
            done = base.adopt_base(home, operator())
        _tell(done)


@data.command()
def erase(
    ids: Annotated[list[int], typer.Argument(help="The inID of each row to erase.")],
    *,
    yes: Yes = False,
) -> None:
    """Erase rows for good: from the base, and from what is derived from it."""
    from satispy.workflows import base

    with opened() as home:
        base.require_reviews(home, ids)
        count = len(set(ids))
        rows = f"{count} row{'s' if count > 1 else ''}"
        confirm(f"{rows} and every earlier version will be gone. Erase?", yes=yes)
        with recorded(home, "data.erase", f"inID {', '.join(map(str, sorted(set(ids))))}"):
            done = base.erase_reviews(home, ids, operator())
        _tell(done)


@data.command()
def mask(*, yes: Yes = False) -> None:
    """Mask e-mail addresses, phone and order numbers in every text of the base."""
    from satispy.workflows import base

    with opened() as home:
        confirm("The texts as they were, and every earlier version, will be gone. Mask?", yes=yes)
        with recorded(home, "data.mask"):
            corrections = base.mask_feedback(home)
            done = base.mask_base(home, operator())
        if corrections:
            _say(f"masked in {corrections} of what came as feedback")
        if done is None:
            _say("no text of the base has anything to mask; nothing was changed there")
        else:
            _tell(done)


@contextmanager
def opened() -> "Iterator[Home]":
    """Open the home that the settings name; errors are spoken."""
    from satispy.workflows.opening import open_home

    with spoken_errors(), open_home(load_settings()) as home:
        yield home


def recorded(home: "Home", act: str, on: str = "") -> AbstractContextManager[None]:
    """Record an act in the audit trail of the home."""
    from satispy.workflows.audit import administrative_act

    return administrative_act(home.settings, act, on)


def _tell(done: "Rewritten") -> None:
    entry = done.entry
    _say(f"{entry.kind}: version {entry.number}, {entry.rows_total} rows; earlier ones are gone")
    if done.feedback:
        _say(f"removed {done.feedback} of what came as feedback, with the same text")
    if done.jobs:
        _say(f"removed the working folders of the retrainings {', '.join(done.jobs)}")
    if done.runs:
        _say(f"models that learnt from what is gone: {', '.join(done.runs)}; retrain")
    for path in done.copies:
        _say(f"{path} holds former rows; remove it if they must go")


def confirm(question: str, *, yes: bool) -> None:
    """Ask before what cannot be undone; without a terminal `--yes` must have been said."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise InvalidInput("expected --yes, for there is no terminal to ask; nothing was done")
    typer.confirm(question, abort=True)


def operator() -> str:
    """Return the system user's name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a number without a name, as containers have them
        return f"uid {os.getuid()}"


def _shown(cell: str) -> str:
    """Return a cell without what would steer a terminal."""
    return "".join(one if one.isprintable() else " " for one in cell)


def _say(line: str) -> None:
    console.print(line, markup=False, soft_wrap=True)

"""`satispy models`: what serves and why, promote, go back, who answered when."""

import getpass
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from satispy.cli.output import console, spoken_errors, warn
from satispy.core.errors import InvalidInput
from satispy.core.settings import Settings, load_settings
from satispy.stack.mlflow import with_running_mlflow
from satispy.workflows.audit import administrative_act

if TYPE_CHECKING:
    from satispy.workflows.promotion import Decision, KnownRun

models = typer.Typer(help="What serves and why; promote, go back, prune.", no_args_is_help=True)

SCORES = ("accuracy", "f1_0", "f1_1")

Run = Annotated[str, typer.Argument(help="Name of the run, as `satispy models list` shows it.")]
Family = Annotated[str, typer.Argument(help="Name of the family.")]
Comment = Annotated[str, typer.Option("--comment", "-m", help="Why; kept in the history.")]


@models.command("list")
def list_models(
    *,
    family: Annotated[str | None, typer.Option(help="Of one family alone.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 30,
) -> None:
    """List the runs, newest first: which serve, which are held, and why."""
    with spoken_errors():
        from satispy.workflows import promotion  # brings what models need

        known = promotion.known_runs(load_settings())
        chosen = [one for one in known if family in (None, one.family)]
        table = Table("run", "state", "data", "accuracy", "f1_0", "f1_1", "why", box=box.SIMPLE)
        for one in chosen[:limit]:
            table.add_row(
                escape(one.run),
                f"{one.state}, champion" if one.champion else one.state,
                str(one.dataset_version),
                *(f"{one.scores[name]:.4f}" if one.scores else "" for name in SCORES),
                escape(_why(one)),
            )
        console.print(table)
        if len(chosen) > limit:
            console.print(f"and {len(chosen) - limit} older ones: --limit {len(chosen)}")


@models.command()
def show(run: Run) -> None:
    """Show a run: every check of the gate, and every decision about it."""
    with spoken_errors():
        from satispy.workflows import promotion  # brings what models need

        known, decisions, verdict = promotion.known_run(load_settings(), run)
        console.print(f"{known.run}: {known.state}", markup=False)
        console.print(f"trained at {known.trained_at} on dataset version {known.dataset_version}")
        if verdict:
            console.print(f"the gate: {verdict['reason']}", markup=False, soft_wrap=True)
        for check in verdict.get("checks", []):
            mark = "noted " if not check["gating"] else "passed" if check["passed"] else "FAILED"
            console.print(f"  {mark}  {check['sentence']}", markup=False, soft_wrap=True)
        for decision in decisions:
            _tell(decision)


@models.command()
def promote(
    run: Run,
    *,
    comment: Comment = "",
    champion: Annotated[
        bool, typer.Option("--champion", help="Its family answers for all from now on.")
    ] = False,
) -> None:
    """Let a run answer for its family; against the gate only with a comment."""
    with spoken_errors():
        from satispy.workflows import promotion  # brings what models need

        settings = with_running_mlflow(load_settings())
        with administrative_act(settings, "models.promote", run):
            decision = promotion.promote(
                settings, run, by=_who(), comment=comment, champion=champion
            )
        if decision is None:
            console.print(f"{run} serves already", markup=False)
        else:
            _tell(decision)
        _let_mlflow_follow(settings)


@models.command()
def rollback(family: Family, *, comment: Comment = "") -> None:
    """Let the run answer again that served before the present one."""
    with spoken_errors():
        from satispy.workflows import promotion  # brings what models need

        settings = with_running_mlflow(load_settings())
        with administrative_act(settings, "models.rollback", family):
            decision = promotion.roll_back(settings, family, by=_who(), comment=comment)
        _tell(decision)
        _let_mlflow_follow(settings)


@models.command()
def history(
    *,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 30,
    settle: Annotated[
        bool, typer.Option("--settle", help="Write the pointers anew, as the history says.")
    ] = False,
) -> None:
    """Show every decision, newest first, after comparing the chain of hashes."""
    with spoken_errors():
        from satispy.workflows import promotion  # brings what models need

        settings = load_settings()
        if settle:
            promotion.settle(settings)
        decisions = promotion.history(settings)
        for decision in reversed(decisions[-limit:]):
            _tell(decision)
        console.print(f"{len(decisions)} decisions; the chain is whole")


@models.command()
def at(
    moment: Annotated[str, typer.Argument(help="Such as '2026-03-03 14:00'; UTC unless it says.")],
) -> None:
    """Say which model answered at a moment."""
    with spoken_errors():
        from satispy.workflows import promotion  # brings what models need

        asked = _moment(moment)
        console.print(f"at {asked:%Y-%m-%d %H:%M:%S} UTC answered", highlight=False)
        found = promotion.who_answered(load_settings(), asked)
        champion = found.pop(promotion.CHAMPION, None)
        for family, decision in sorted(found.items()):
            title = ", champion" if champion and champion.family == family else ""
            console.print(
                f"  {family}{title}: {decision.run}, {decision.event} at {decision.at} by "
                f"{decision.by}",
                markup=False,
                soft_wrap=True,
            )
        if not found:
            console.print("  no model yet")


@models.command()
def prune(
    *,
    keep: Annotated[
        int, typer.Option(min=1, help="Runs that the newest so many decisions name stay.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell.")] = False,
) -> None:
    """Remove runs that neither serve nor stand in the newest decisions."""
    with spoken_errors():
        from satispy.workflows import promotion  # brings what models need

        settings = load_settings()
        # A dry run changes nothing.
        act = nullcontext() if dry_run else administrative_act(settings, "models.prune", f"{keep=}")
        with act:
            gone = promotion.prune(settings, keep, dry_run=dry_run)
        for run in gone:
            console.print(f"{'would remove' if dry_run else 'removed'} {run}", markup=False)
        console.print(f"{len(gone)} runs")


def _why(one: "KnownRun") -> str:
    reason = one.decision.reason if one.decision else "never decided upon"
    return reason if len(reason) <= 80 else reason[:79] + "…"


def _tell(decision: "Decision") -> None:
    said = f": {decision.reason}" if decision.reason else ""
    comment = f' "{decision.comment}"' if decision.comment else ""
    console.print(
        f"{decision.number}  {decision.at}  {decision.event} {decision.run} by "
        f"{decision.by}{said}{comment}",
        markup=False,
        soft_wrap=True,
    )


def _let_mlflow_follow(settings: Settings) -> None:
    from satispy.workflows import tracking

    tracking.follow(settings, say=warn)


def _who() -> str:
    return f"{getpass.getuser()} (command line)"


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            f"expected a moment such as '2026-03-03 14:00' or '2026-03-03T14:00+01:00', but "
            f"received {text!r}"
        ) from error
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

"""`satispy smoke`: a contract test of a platform that runs."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from satispy.cli.output import console, spoken_errors
from satispy.cli.tour import Authority, BaseUrl, PasswordFile, Username, believed, password
from satispy.demo.smoke import CASES, play, read_cases


def smoke(
    base_url: BaseUrl = "http://127.0.0.1:8000",
    user: Username = "admin",
    password_file: PasswordFile = None,
    ca: Authority = None,
    cases: Annotated[Path, typer.Option(help="Other cases, one JSON object per line.")] = CASES,
) -> None:
    """Ask a running platform over every route; compare with what is promised (exit 1: not kept).

    Nothing stays: files are tried dry, and two API keys are revoked in the end.
    """
    with spoken_errors():
        wanted = read_cases(cases)
        broken = 0
        for outcome in play(base_url, user, password(password_file), wanted, believed(ca)):
            if outcome.wrong:
                broken += 1
                console.print(f"[red]no[/] {escape(outcome.case.name)}: {escape(outcome.wrong)}")
    console.print(f"{len(wanted) - broken} of {len(wanted)} cases are as promised")
    if broken:
        raise typer.Exit(1)

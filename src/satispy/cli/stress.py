"""`satispy stress`: how a platform that runs bears a load."""

import asyncio
import re
from pathlib import Path
from typing import Annotated

import typer

from satispy.cli.output import console, spoken_errors
from satispy.cli.tour import Authority, BaseUrl, PasswordFile, Username, believed, password
from satispy.core.errors import InvalidInput
from satispy.core.files import write_json
from satispy.demo.stress import load


def stress(
    base_url: BaseUrl = "http://127.0.0.1:8000",
    seconds: Annotated[float, typer.Option(min=1, max=840, help="How long.")] = 30,
    max_p95: Annotated[str, typer.Option(help="Most that 95 of 100 answers may take.")] = "200ms",
    user: Username = "admin",
    password_file: PasswordFile = None,
    ca: Authority = None,
    json: Annotated[Path | None, typer.Option(help="Also write the report here.")] = None,
) -> None:
    """Ask for predictions from eight clients at once (exit 1: too slow, or one failed)."""
    with spoken_errors():
        most = milliseconds(max_p95)
        found = asyncio.run(load(base_url, user, password(password_file), seconds, believed(ca)))
        report = found.report()
        for name, value in report.items():
            console.print(f"{name}: {value}")
        if json is not None:
            write_json(json, report)
    if found.failed:
        console.print(f"[red]no[/] {sum(found.failed.values())} questions failed")
        raise typer.Exit(1)
    if found.quantile_ms(95) > most:
        console.print(f"[red]no[/] p95 is {found.quantile_ms(95):g} ms, above {most:g} ms")
        raise typer.Exit(1)


def milliseconds(given: str) -> float:
    """Return the milliseconds that are meant by `200ms` or `1.5s`."""
    read = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s)", given)
    if read is None:
        raise InvalidInput(f"expected a time as 200ms or 1.5s, but received {given!r}")
    return float(read[1]) * (1000 if read[2] == "s" else 1)

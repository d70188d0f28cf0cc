"""`satispy up`, `down`, `status`, `prepare`, `api` and `demo`."""

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from satispy.cli.output import NOT_RUNNING, console, say, spoken_errors
from satispy.core.settings import Settings, load_settings, repository
from satispy.demo.home import (
    demo_settings,
    empty_demo_home,
    require_demo_home,
    review_files,
)
from satispy.demo.reviews import write_reviews
from satispy.demo.screen import Screen
from satispy.demo.tour import Tour
from satispy.stack.addresses import airflow_url, api_url, ui_url
from satispy.stack.components import (
    COUNTING,
    api_command,
    api_environment,
    api_metrics,
    ports,
    shared_environment,
)
from satispy.stack.control import StackReport, left_over, look, start_in_background, stop_running
from satispy.stack.launch import empty_folder
from satispy.stack.mlflow import mlflow_url
from satispy.stack.ports import require_free
from satispy.stack.session import prepare_admin, require_startable, running_stack
from satispy.stack.state import only_one, read_state
from satispy.stack.tls import check_tls
from satispy.workflows.accounts import Admin


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (up, down, status, prepare, api, demo):
        app.command()(command)


def up(
    *,
    foreground: Annotated[
        bool, typer.Option("--foreground", help="Stay in this terminal until Ctrl-C.")
    ] = False,
    mlflow: Annotated[
        bool, typer.Option("--mlflow", help="Start a local MLflow server too, on SQLite.")
    ] = False,
) -> None:
    """Start Airflow, the API and the page on this home."""
    with spoken_errors():
        settings = load_settings()
        require_startable(settings, say, mlflow=mlflow)
        admin = prepare_admin(settings)
        if foreground:
            with running_stack(settings, say, mlflow=mlflow) as supervisor:
                show_way_in(settings, admin, mlflow=mlflow)
                try:
                    supervisor.watch()
                except KeyboardInterrupt:
                    say("stopping")
            return
        with console.status("starting Airflow, the API and the page …"):
            start_in_background(
                settings.paths,
                [
                    *(sys.executable, "-m", "satispy.cli", "up", "--foreground"),
                    *(["--mlflow"] if mlflow else []),
                ],
                {**os.environ, "SATISPY_HOME": str(settings.paths.home)},
            )
        show_way_in(settings, admin, mlflow=mlflow)


def down() -> None:
    """Stop the stack of this home."""
    with spoken_errors():
        settings = load_settings()
        stopped = stop_running(settings.paths, say)
        console.print("stopped" if stopped else f"nothing runs in {settings.paths.home}")


def status() -> None:
    """Show what runs, where, in how much memory, on which data (exit 3 if no stack runs)."""
    with spoken_errors():
        settings = load_settings()
        report = look(settings.paths)
        if report is None:
            if left := left_over(settings.paths):
                console.print(
                    f"the supervisor is gone, but {left} of its processes still run; "
                    "`make up` starts anew, `make down` ends them",
                    soft_wrap=True,
                )
                raise typer.Exit(NOT_RUNNING)
            console.print(f"nothing runs in {settings.paths.home}", soft_wrap=True)
            last = read_state(settings.paths)
            if last is not None and last.error:
                console.print(f"the last stack failed: {escape(last.error)}", soft_wrap=True)
            raise typer.Exit(NOT_RUNNING)
        show_report(report)
        show_dataset(settings)


def prepare() -> None:
    """Bring the database up to date and make the first admin; to run it again changes nothing."""
    with spoken_errors():
        settings = load_settings()
        admin = prepare_admin(settings)
        show_dataset(settings)
        made = "was made" if admin.created else "was there already"
        console.print(f"the account [bold]{admin.username}[/] {made}", soft_wrap=True)


def api() -> None:
    """Serve the API alone, in this terminal."""
    with spoken_errors():
        settings = load_settings()
        check_tls(settings)
        require_free(settings.host, [port for port in ports(settings) if "API" in port.setting])
        admin = prepare_admin(settings)
        show_admin(settings, admin)
        console.print(f"API: {api_url(settings)}/docs (Ctrl-C stops)")
        command = api_command(settings)
        os.chdir(repository())
        # The API takes the place of this process: in its group, with its terminal and signals.
        environment = api_environment(settings, shared_environment(settings, os.environ))
        if COUNTING in environment:
            empty_folder(api_metrics(settings))
        os.execve(command[0], command, environment)  # noqa: S606  fixed


def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="Exit after the tour.")] = False,
    reviews: Annotated[
        Path | None,
        typer.Option(help="Folder with data_MAJ.csv and more CSV files; else synthetic ones."),
    ] = None,
) -> None:
    """Play the tour: upload three files, retrain after each, show scores and alerts."""
    with spoken_errors():
        settings = demo_settings(load_settings(), os.environ)
        require_startable(settings, say)
        files = review_files(reviews, settings.paths.home) if reviews else None
        require_demo_home(settings.paths.home)
        screen = Screen(console)
        with only_one(settings.paths):  # never under a stack that started a moment ago
            empty_demo_home(settings.paths.home)
        admin = prepare_admin(settings)
        with running_stack(settings, screen.say) as supervisor:
            tour = Tour(settings, admin, supervisor, screen)
            tour.play(files or write_reviews(settings.paths.home / "reviews"))
            if not once:  # else the addresses are dead a second later
                show_way_in(settings, admin)
                console.print("Ctrl-C stops everything.")
                with suppress(KeyboardInterrupt):
                    supervisor.watch()


def show_way_in(settings: Settings, admin: Admin, *, mlflow: bool = False) -> None:
    """Print the addresses and how to sign in."""
    console.print(f"Airflow  {airflow_url(settings)}", soft_wrap=True)
    console.print(f"API      {api_url(settings)}/docs", soft_wrap=True)
    console.print(f"Page     {ui_url(settings)}", soft_wrap=True)
    if mlflow:
        console.print(f"MLflow   {mlflow_url(settings)}", soft_wrap=True)
    show_admin(settings, admin)


def show_admin(settings: Settings, admin: Admin) -> None:
    """Print the admin's password if it was generated just now, else where it is kept."""
    secrets = settings.paths.secrets
    name = f"user [bold]{admin.username}[/]"
    if admin.created and settings.admin_password is None:
        console.print(f"{name}, password [bold]{escape(str(admin.password))}[/]", soft_wrap=True)
    elif admin.password is not None:
        console.print(f"{name}, password in {secrets / 'admin_password'}", soft_wrap=True)
    else:
        console.print(
            f"{name}, password as you set it; Airflow's in {secrets / 'airflow_admin_password'}",
            soft_wrap=True,
        )


def show_report(report: StackReport) -> None:
    """Print the components of a running stack."""
    table = Table("component", "state", "PID", "address", "memory (MiB)", box=box.SIMPLE)
    for item in report.components:
        state = "runs" if item.alive else "[red]ended[/]"
        table.add_row(item.name, state, str(item.pid), item.address or "", f"{item.pss_mib:.0f}")
    peak = max(report.pss_mib, report.state.peak_memory_mib)
    table.add_row("all", report.state.phase, str(report.state.pid), "", f"{report.pss_mib:.0f}")
    # A cut address is none: the table is as wide as it must be, whatever the terminal is.
    table.width = console.measure(table, options=console.options.update(width=1000)).maximum
    console.print(table, crop=False)
    console.print(f"since {report.state.started}; peak {peak:.0f} MiB (PSS, supervisor included)")


def show_dataset(settings: Settings) -> None:
    """Print the state of the base and which models serve."""
    # Slow to import, and no other command here needs them.
    from satispy.workflows.monitor import dataset_state, published_runs
    from satispy.workflows.opening import open_home

    with open_home(settings) as home:
        dataset = dataset_state(home)
    console.print(f"dataset version {dataset['version']}, {dataset['rows']} rows")
    for family, run in sorted(published_runs(settings).items()):
        console.print(f"serving {family}: {run}")

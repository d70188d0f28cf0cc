"""What the tour shows: a moving line in a terminal, plain lines elsewhere, a table at the end."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from satispy.demo.clients import DagRun
from satispy.demo.summary import Summary

SHOWN_ONCE_ENDED = {
    "success": "[green]done[/]",
    "failed": "[red]failed[/]",
    "upstream_failed": "[red]not run, an earlier task failed[/]",
    "skipped": "skipped",
    "up_for_retry": "[yellow]failed, will be tried again[/]",
}


class Screen:
    """Shows the tour on a console."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def say(self, line: str) -> None:
        """Show one step of little weight."""
        self._console.print(escape(line), style="dim", soft_wrap=True)

    def step(self, line: str) -> None:
        """Show one step of the tour."""
        self._console.print(f"[bold]{escape(line)}[/]", soft_wrap=True)

    def received(self, what: str, receipt: Mapping[str, Any]) -> None:
        """Show what became of an uploaded file."""
        self.step(
            f"{what}: {receipt['rows_accepted']} rows accepted, "
            f"{receipt['rows_duplicate']} duplicates, {receipt['rows_quarantined']} set aside; "
            f"{receipt['rows_total']} in the base"
        )

    @contextmanager
    def following(self, title: str) -> Iterator["RunView"]:
        """Follow a DAG run while the block runs."""
        if not self._console.is_terminal:
            yield RunView(self._console, None)
            return
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
        ) as progress:
            yield RunView(self._console, progress, title)

    def results(self, summary: Summary) -> None:
        """Print scores per run and family, the alerts of each, and the seconds."""
        table = Table(
            *("run", "rows", "family", "accuracy", "f1_0", "f1_1", "training (s)", "alerts"),
            box=box.SIMPLE_HEAD,
        )
        numbers = {run["id"]: number for number, run in enumerate(summary.dag_runs, 1)}
        for item in summary.runs:
            table.add_row(
                str(numbers.get(item["dag_run"], "")),
                str(item["rows"]),
                item["family"],
                *(f"{item[metric]:.4f}" for metric in ("accuracy", "f1_0", "f1_1")),
                f"{item['train_seconds']:.1f}",
                _red(summary.alerts_then.get((item["dag_run"], item["family"]))),
            )
        self._console.print(table)
        for number, run in enumerate(summary.dag_runs, 1):
            self._console.print(f"run {number}: {run['state']} in {run['seconds']:.1f} s")
        red = [alert for alert in summary.alerts if alert["state"] == "alert"]
        for alert in red:
            self._console.print(
                f"[bold red]ALERTE[/] {alert['family']}: {alert['metric']} is "
                f"{alert['value']:.4f}, not above {alert['threshold']:.2f}"
            )
        if summary.alerts and not red:
            self._console.print(
                f"[green]no alert[/]: all {len(summary.alerts)} newest scores are above "
                f"{summary.alerts[0]['threshold']:.2f}"
            )
        if summary.peak_memory_mib:  # nobody can measure it from elsewhere
            self._console.print(f"memory at its peak: {summary.peak_memory_mib:.0f} MiB")


def _red(alerts: list[dict[str, Any]] | None) -> str:
    if alerts is None:
        return ""  # nobody asked right after that run
    return ", ".join(item["metric"] for item in alerts if item["state"] == "alert") or "ok"


class RunView:
    """Shows one DAG run: each task once it has ended, and in a terminal what runs now."""

    def __init__(self, console: Console, progress: Progress | None, title: str = "") -> None:
        self._console = console
        self._progress = progress
        self._title = title
        self._shown: dict[str, str] = {}
        self._bar = progress.add_task(title, total=None) if progress else None

    def update(self, run: DagRun) -> None:
        """Take the run as it is now."""
        for task, state in run.tasks.items():
            if state in SHOWN_ONCE_ENDED and self._shown.get(task) != state:
                seconds = run.task_seconds[task]
                self._console.print(
                    f"  {escape(task)}: {SHOWN_ONCE_ENDED[state]} ({seconds:.1f} s)"
                )
            elif state == "running" and self._shown.get(task) != state and not self._progress:
                self._console.print(f"  {escape(task)}: running")
            self._shown[task] = state
        if self._progress is not None and self._bar is not None:
            now = ", ".join(sorted(task for task, state in run.tasks.items() if state == "running"))
            ended = sum(state in SHOWN_ONCE_ENDED for state in run.tasks.values())
            self._progress.update(
                self._bar,
                description=f"{self._title} {now or run.state}",
                completed=ended,
                total=len(run.tasks) or None,
            )

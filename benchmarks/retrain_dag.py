"""A DAG run on embedded Airflow, task by task: seconds, and the memory of each task's processes."""

import contextlib
import threading
from collections import defaultdict
from pathlib import Path

import psutil
from served_homes import Figures

from satispy.cli.output import console
from satispy.core.settings import Settings
from satispy.demo.clients import AirflowApi
from satispy.demo.home import review_files
from satispy.demo.screen import Screen
from satispy.demo.tour import DAG_ID, Tour
from satispy.models.catalog import family_names
from satispy.stack.addresses import airflow_url
from satispy.stack.memory import pss_mib
from satispy.stack.ports import free_port
from satispy.stack.processes import GONE, family_of, marked
from satispy.stack.session import prepare_admin, running_stack

SECONDS_BETWEEN_LOOKS = 0.5
GROWN = 1.01


class TaskMemory(threading.Thread):
    """Follows the processes of every task: the runner that Airflow forks, and all beneath it.

    Attributes
    ----------
    peaks
        Largest PSS in MiB by DAG run and task.
    processor
        Seconds of processor time that they had used when they were last seen.
    """

    def __init__(self, home: Path) -> None:
        super().__init__(name="task memory", daemon=True)
        self.peaks: defaultdict[str, dict[str, float]] = defaultdict(dict)
        self.processor: defaultdict[str, dict[str, float]] = defaultdict(dict)
        self._resident: defaultdict[str, dict[str, float]] = defaultdict(dict)
        self._home = home
        self._ended = threading.Event()

    def run(self) -> None:
        """Look until told to end."""
        while not self._ended.wait(SECONDS_BETWEEN_LOOKS):
            for (run, task), runners in self._runners().items():
                processes = family_of(runners)
                self._look_at_memory(run, task, processes)
                before = self.processor[run].get(task, 0.0)
                self.processor[run][task] = max(before, sum(map(_processor, processes)))

    def end(self) -> None:
        """Look no more."""
        self._ended.set()
        self.join()

    def _look_at_memory(self, run: str, task: str, processes: list[psutil.Process]) -> None:
        """Read the PSS where the resident size, which costs nothing to read, says it grew.

        Linux walks through all pages of a process for its PSS, and holds the process up meanwhile.
        """
        resident = sum(map(_resident_mib, processes))
        if resident > self._resident[run].get(task, 0.0) * GROWN:
            self._resident[run][task] = resident
            before = self.peaks[run].get(task, 0.0)
            self.peaks[run][task] = max(before, pss_mib(processes))

    def _runners(self) -> dict[tuple[str, str], set[int]]:
        found: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
        for process in marked(self._home):
            with contextlib.suppress(*GONE):
                given = process.environ()
                if (task := given.get("AIRFLOW_CTX_TASK_ID")) is None:
                    continue
                parent = process.parent()  # the runner learnt its task after it was forked
                root = process if parent is None or parent.pid == 1 else parent
                found[given["AIRFLOW_CTX_DAG_RUN_ID"], task].add(root.pid)
        return dict(found)


def _resident_mib(process: psutil.Process) -> float:
    with contextlib.suppress(*GONE):
        return float(process.memory_info().rss) / 2**20
    return 0.0


def _processor(process: psutil.Process) -> float:
    with contextlib.suppress(*GONE):
        return float(sum(process.cpu_times()[:4]))  # its own and of its ended children
    return 0.0


def measure(folder: Path, reviews: Path) -> list[Figures]:
    """Play the files of reviews on a stack of their own; return the figures of each DAG run."""
    ports = {f"{name}_port": free_port() for name in ("api", "ui", "airflow")}
    settings = Settings(home=folder / "stack", **ports)
    settings.home.mkdir()
    admin = prepare_admin(settings)
    screen = Screen(console)
    memory = TaskMemory(settings.paths.home)
    with running_stack(settings, screen.say) as supervisor:
        memory.start()
        try:
            tour = Tour(settings, admin, supervisor, screen)
            tour.play(review_files(reviews, settings.home))
        finally:
            memory.end()
        airflow = AirflowApi(airflow_url(settings), admin.username, str(admin.password), DAG_ID)
        with contextlib.closing(airflow):
            runs = [airflow.run(run["id"]) for run in tour.summary.dag_runs]
    found = []
    for run, upload in zip(runs, tour.summary.uploads, strict=True):
        trained = [run.task_seconds[f"train_{family}"] for family in family_names()]
        others = [n for task, n in run.task_seconds.items() if not task.startswith("train_")]
        tasks = {
            task: {
                "seconds": seconds,
                "processor": memory.processor[run.id].get(task),
                "peak_mib": memory.peaks[run.id].get(task),
            }
            for task, seconds in run.task_seconds.items()
        }
        # families train at once, so the longest counts; the rest is Airflow's, between the tasks
        between = run.seconds - sum(others) - max(trained)
        found.append(
            {
                "rows": upload["rows_total"],
                "seconds": run.seconds,
                "between_tasks": round(between, 2),
                "tasks": tasks,
            }
        )
    return found


def tell(found: list[Figures]) -> None:
    """Print the runs; the vectors are learnt in the first, and in place afterwards."""
    for number, run in enumerate(found):
        vectors = "in place" if number else "learnt in it"
        print(f"DAG run at {run['rows']:,} rows, vectors {vectors}: {run['seconds']:.1f} s")
        for task, figures in run["tasks"].items():
            peak = figures["peak_mib"]
            shown = "not seen"
            if peak is not None:
                shown = f"{figures['processor']:.1f} s of processor time, {peak:.0f} MiB"
            print(f"  {task}: {figures['seconds']:.1f} s, {shown}")
        used = sum(figures["processor"] or 0.0 for figures in run["tasks"].values())
        print(f"  between the tasks: {run['between_tasks']:.1f} s; processor time {used:.1f} s")
    print(
        f"(PSS of a task's processes: every {SECONDS_BETWEEN_LOOKS} s, where it may have grown)",
        flush=True,
    )

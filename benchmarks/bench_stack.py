"""The whole stack on real reviews: seconds of a DAG run, and PSS at rest and at its peak.

Usage: ``python benchmarks/bench_stack.py --reviews FOLDER [--json PATH]``. Plays the tour of the
demo in a temporary home and on free ports; with vectors in place counts from the second file on.
Rest is the median over half a minute in which nobody asks for anything, after the tour.
"""

import json
import statistics
import tempfile
import time
from pathlib import Path

import psutil
from common import heading, read_options

from satispy.cli.output import console
from satispy.core.settings import Settings
from satispy.demo.home import review_files
from satispy.demo.screen import Screen
from satispy.demo.tour import Tour
from satispy.stack.memory import pss_mib
from satispy.stack.ports import free_port
from satispy.stack.processes import marked
from satispy.stack.session import prepare_admin, running_stack

SETTLE_SECONDS = 15
REST_SAMPLES = 15
AIMS = {"dag_seconds": 90, "rest_mib": 1.2 * 1024, "peak_mib": 3 * 1024}


def main() -> None:
    """Measure and print."""
    options = read_options(__doc__.splitlines()[0])
    about = heading()
    with tempfile.TemporaryDirectory(prefix="satispy-bench-") as folder:
        ports = {f"{name}_port": free_port() for name in ("api", "ui", "airflow")}
        settings = Settings(home=Path(folder), **ports)
        admin = prepare_admin(settings)
        screen = Screen(console)
        with running_stack(settings, screen.say) as supervisor:
            tour = Tour(settings, admin, supervisor, screen)
            tour.play(review_files(options.reviews, settings.home))
            time.sleep(SETTLE_SECONDS)
            rest = statistics.median(rest_samples(settings.paths.home))
            shares = {component: round(mib) for component, mib in by_component(settings.paths.home)}
    summary = tour.summary
    rows = [upload["rows_total"] for upload in summary.uploads]
    result = {
        **about,
        "dag_runs": [
            {"rows": count, "seconds": round(run["seconds"], 1), "vectors": when}
            for count, run, when in zip(
                rows, summary.dag_runs, ["trained"] + ["in place"] * len(rows), strict=False
            )
        ],
        "rest_mib": round(rest),
        "peak_mib": round(summary.peak_memory_mib),
        "rest_by_process": shares,
        "aims": AIMS,
    }
    report(result)
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


def rest_samples(home: Path) -> list[float]:
    """Return the PSS of the whole stack (MiB), every two seconds, this process included."""
    samples = []
    for _ in range(REST_SAMPLES):
        samples.append(pss_mib([*marked(home), psutil.Process()]))
        time.sleep(2)
    return samples


def by_component(home: Path) -> list[tuple[str, float]]:
    """Return the PSS (MiB) by kind of process, largest first."""
    found: dict[str, float] = {}
    for process in marked(home):
        words = " ".join(process.cmdline())
        kinds = (
            "api_server",
            "LocalExecutor",
            "scheduler",
            "dag-processor",
            "uvicorn",
            "streamlit",
        )
        kind = next((kind for kind in kinds if kind in words), "other")
        found[kind] = found.get(kind, 0) + pss_mib([process])
    return sorted(found.items(), key=lambda item: -item[1])


def report(result: dict) -> None:
    """Print the figures beside their aims."""
    for run in result["dag_runs"]:
        print(
            f"DAG run at {run['rows']} rows, vectors {run['vectors']}: {run['seconds']} s "
            f"(aim: {AIMS['dag_seconds']} with vectors in place)"
        )
    print(f"PSS at rest {result['rest_mib']} MiB (aim: {AIMS['rest_mib']:.0f})")
    print(f"PSS at its peak {result['peak_mib']} MiB (aim: {AIMS['peak_mib']:.0f})")
    print(
        "at rest, by process: "
        + ", ".join(f"{kind} {mib}" for kind, mib in result["rest_by_process"].items())
    )


if __name__ == "__main__":
    main()

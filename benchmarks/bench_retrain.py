"""What a retraining costs: a DAG run on the real reviews, and each step as the base grows.

Usage: ``python benchmarks/bench_retrain.py --reviews FOLDER [--json PATH] [--quick]``. First the
tour of the demo on embedded Airflow, with vectors in place from the second file on. Then features
and training at 15 700, 157 000 and 1 570 000 synthetic reviews (see `synthetic_reviews.py`), each
step in a process of its own as in the DAG, with one set of vectors; 6 GB of disk, about an hour on
2 cores. `--quick` leaves out the largest base. Ends with 1 where an aim is missed.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import retrain_dag
import retrain_growth
from common import heading
from served_homes import Figures

from satispy.core.plan import load_plan
from satispy.demo.home import review_files
from satispy.models.catalog import family_names

TIMES = (1, 10, 100)
DAG_SECONDS, TASK_MIB, EXPONENT = 60.0, 1.2 * 1024, 1.15


def main() -> None:
    """Measure, print, judge."""
    options = read_options()
    found: Figures = heading()
    found["load_before"] = os.getloadavg()
    print(f"load average before: {found['load_before']}")
    with tempfile.TemporaryDirectory(prefix="satispy-bench-") as name:
        folder = Path(name)
        if "dag" in options.parts:
            found["dag_runs"] = retrain_dag.measure(folder, options.reviews)
            retrain_dag.tell(found["dag_runs"])
        if "growth" in options.parts:
            files = review_files(options.reviews, folder)
            times = TIMES[:-1] if options.quick else TIMES
            found["sizes"] = retrain_growth.measure(folder, files, times)
            found["growth"] = retrain_growth.growth(found["sizes"])
            families = load_plan().families
            found["caps"] = {name: families[name]["max_rows"] for name in family_names()}
            tell_growth(found)
    found["load_after"] = os.getloadavg()
    print(f"load average after: {found['load_after']}")
    found["verdicts"] = [
        {"what": what, "found": value, "aim": aim, "met": value < aim}
        for what, value, aim in judged(found)
    ]
    for verdict in found["verdicts"]:
        said = "met" if verdict["met"] else "MISSED"
        print("{what}: {found:.4g} (aim: under {aim:.4g}): ".format(**verdict) + said)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    sys.exit(0 if all(verdict["met"] for verdict in found["verdicts"]) else 1)


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reviews", type=Path, default=os.environ.get("SATISPY_REVIEWS"))
    parser.add_argument("--json", type=Path, help="also write the results here")
    parser.add_argument("--quick", action="store_true", help="without the largest base")
    parser.add_argument(
        "--only", dest="parts", choices=("dag", "growth"), nargs=1, help="one of the two parts"
    )
    parser.set_defaults(parts=["dag", "growth"])
    options = parser.parse_args()
    if options.reviews is None:
        parser.error("expected --reviews FOLDER or SATISPY_REVIEWS, but received neither")
    options.reviews = Path(options.reviews)
    return options


def tell_growth(found: Figures) -> None:
    """Print how each step grows, and what that means beyond the cap."""
    for name, figures in found["growth"].items():
        between = ", ".join(f"{value:.2f}" for value in figures["between"])
        learnt = figures.get("per_row_learnt")
        beside = (
            "" if learnt is None else f"; with the rows learnt from, up to the cap: {learnt:.2f}"
        )
        print(f"growth of {name}: {figures['exponent']:.2f} (step by step {between}){beside}")
    caps = ", ".join(f"{name} {rows:,}" for name, rows in found["caps"].items())
    print(f"reviews that a family learns from at most (max_rows in plan.yaml): {caps}")


def judged(found: Figures) -> Iterator[tuple[str, float, float]]:
    """Yield what there is an aim for: name, value, limit."""
    for run in found.get("dag_runs", [])[1:]:
        yield f"seconds of the DAG run at {run['rows']:,} rows", run["seconds"], DAG_SECONDS
        for task, figures in run["tasks"].items():
            if figures["peak_mib"] is not None:
                yield f"MiB of {task}", figures["peak_mib"], TASK_MIB
    for name in ("features", *family_names()):
        if name in found.get("growth", {}):
            figures = found["growth"][name]
            yield f"growth exponent of {name}", figures["exponent"], EXPONENT
            if "per_row_learnt" in figures:
                value = figures["per_row_learnt"]
                yield f"growth exponent of {name} with the rows learnt from", value, EXPONENT


if __name__ == "__main__":
    main()

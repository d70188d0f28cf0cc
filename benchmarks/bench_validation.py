"""Two validation libraries on the same rows: dataframely, which we use, and pandera.

Usage: ``python benchmarks/bench_validation.py [--json PATH]``. Both get the same normalised rows
and the same checks, and both must find the same valid rows and the same bad ones. Each case runs
in a process of its own: the median of three, and the most memory that the process had held when
the rows were read ("start") and when they were validated ("peak"). Files are checked in batches of
`MOST_ROWS`, so that is the line that counts for them, and 1,000 the one for comments.
"""

import argparse
import itertools
import json
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
from common import heading

from satispy.data.review_file import MOST_ROWS
from satispy.data.rules import Rules, review_schema
from satispy.data.schema import GIVEN

SIZES = (1_000, MOST_ROWS, 100_000, 1_000_000)
SHARES = (0, 10, 100)
LIBRARIES = ("dataframely", "pandera")
LONGEST_TEXT = Rules().longest_text
NEWEST = "2026-11-22"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="also write the results here")
    options = parser.parse_args()
    about = heading()
    print(
        f"{'rows':>9} {'bad':>5} {'library':<12} {'rows/s':>12} {'seconds':>8} "
        f"{'start MiB':>9} {'peak MiB':>8}"
    )
    cases: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="satispy-bench-") as folder:
        file = Path(folder, "rows.parquet")
        for size, share in itertools.product(SIZES, SHARES):
            apart(write_rows, file, size, share)
            for library in LIBRARIES:
                case = apart(measure, file, library, size, share)
                cases.append(case)
                print(
                    f"{size:>9} {share:>4}% {library:<12} {size / case['seconds']:>12,.0f} "
                    f"{case['seconds']:>8.3f} {case['start_mib']:>9.0f} {case['peak_mib']:>8.0f}"
                )
    if options.json:
        options.json.write_text(json.dumps({**about, "cases": cases}, indent=2) + "\n")


def apart(function: Callable[..., Any], *arguments: object) -> Any:
    """Call a function in a new process, which remembers no peak but its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)


def measure(file: Path, library: str, size: int, share: int) -> dict[str, Any]:
    """Validate the rows in `file`, of which `share` per cent are bad, and time it."""
    validate = {"dataframely": with_dataframely, "pandera": with_pandera}[library]
    rows = pl.read_parquet(file)
    validate(rows.head(10))
    start_mib = peak_mib()
    wrong = size // 100 * share + min(size % 100, share)
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        good, bad = validate(rows)
        seconds.append(time.perf_counter() - start)
        assert (good, bad) == (size - wrong, wrong)
    return {
        "library": library,
        "rows": size,
        "bad_percent": share,
        "seconds": statistics.median(seconds),
        "start_mib": start_mib,
        "peak_mib": peak_mib(),
    }


def with_dataframely(rows: pl.DataFrame) -> tuple[int, int]:
    """Return how many rows are valid, and of how many the broken rules are known."""
    good, failure = review_schema(LONGEST_TEXT, pl.Series([NEWEST]).str.to_date()[0]).filter(rows)
    return len(good), len(failure.details())


def with_pandera(rows: pl.DataFrame) -> tuple[int, int]:
    """Do the same with pandera, which names the bad rows and leaves them to be taken out."""
    import pandera.polars as pa

    def check(name: str, passes: Any) -> Any:
        return pa.Check(lambda data: data.lazyframe.select(passes(pl.col(data.key))), name=name)

    checks = {name: [check("nul", lambda c: ~c.str.contains("\0", literal=True))] for name in GIVEN}
    checks["Commentaire"] += [
        check("blank", lambda c: c.str.contains(r"[^\s\p{C}\p{Z}]")),
        check("long", lambda c: c.str.len_chars() <= LONGEST_TEXT),
    ]
    checks |= {"star": [], "date": [check("late", lambda c: c <= NEWEST)]}
    columns: dict[str, Any] = {"place": pa.Column(pl.Int64)}
    columns |= {name: pa.Column(pl.String, checks[name]) for name in GIVEN}
    try:
        pa.DataFrameSchema(columns).validate(rows, lazy=True)
    except pa.errors.SchemaErrors as errors:
        bad = errors.failure_cases["index"].unique()
        return len(rows.filter(~pl.col("place").is_in(bad.cast(pl.Int64).implode()))), len(bad)
    return len(rows), 0


def write_rows(file: Path, size: int, share: int) -> None:
    """Write normalised rows, of which `share` in each hundred break one rule, in turns."""
    place = pl.int_range(size, dtype=pl.Int64)
    wrong = pl.col("place") % 100 < share
    turn = pl.col("place") % 3
    text = "le colis est arrivé en retard, mais le service client a répondu à toutes mes questions "
    rows = pl.select(place=place).with_columns(
        Commentaire=pl.when(wrong & (turn == 0))
        .then(pl.lit(" \u200b"))
        .otherwise(pl.lit(text) + pl.col("place").cast(pl.String)),
        star=pl.when(~wrong | (turn != 1)).then((pl.col("place") % 5 + 1).cast(pl.String)),
        source=pl.lit("TrustPilot"),
        company=pl.lit("ShowRoom"),
        index_org=pl.col("place").cast(pl.String),
        star_org=pl.lit("5"),
        date=pl.when(wrong & (turn == 2))
        .then(pl.lit("2031-01-01"))
        .otherwise(pl.lit("2020-07-27")),
    )
    rows.write_parquet(file)


def peak_mib() -> float:
    """Return the most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()

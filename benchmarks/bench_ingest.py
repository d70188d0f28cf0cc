"""Rows and comments on their way into the base: speed, memory, and what a large base changes.

Usage: ``python benchmarks/bench_ingest.py [--quick] [--json PATH]``; 20 GB of disk. Reviews are
synthetic: texts of the demo's grammar, no two rows equal. Each upload is measured in a new process
with the home already open, so it is that process's first; what it reads lies in the page cache and
all earlier writes are on the disk. The large base is made by uploads too; every file goes to it and
to an empty base, from the smallest to the largest, so it is somewhat larger than its name says.
Comments go through HTTP to the API as the stack starts it, from clients in another process. What is
acknowledged and not in the base ends the script. `--quick` is a tenth, to try it.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
from common import heading
from served_homes import Figures, apart, clients, new_home, peak_mib, running_api

from satispy.core.settings import Settings
from satispy.demo.grammar import compose
from satispy.workflows.ingest import Delivery, ingest_file
from satispy.workflows.opening import open_home

SIZES = {1_000: 7, 100_000: 5, 1_000_000: 3}  # rows of a file, and how often it is measured
UPLOADS_BEFORE = 10
DIFFERENT_TEXTS = 1 << 16
STARS = ("1", "2", "4", "5", "5")
CLIENTS = (1, 32)
COMMENT_SECONDS = 10.0
WARMING_SECONDS = 2.0
TESTS = Path(__file__).resolve().parents[1] / "tests"


class Files:
    """Files of reviews, each of them new, and none with a row of another."""

    def __init__(self, folder: Path) -> None:
        random = Random(20)  # noqa: S311  not for secrets
        texts = [compose(random, random.random() < 0.65) for _ in range(DIFFERENT_TEXTS)]
        self._texts = pl.Series(texts, dtype=pl.String)
        self._folder = folder
        self._rows = 0

    @contextmanager
    def of(self, rows: int) -> Iterator[Path]:
        """Write a file of so many rows, and remove it afterwards."""
        number = pl.select(pl.int_range(self._rows, self._rows + rows, dtype=pl.Int64)).to_series()
        self._rows += rows
        stars = pl.Series(STARS).gather(number % len(STARS))
        day = pl.date(2019, 1, 1) + pl.duration(days=pl.lit(number) % 2_000)
        columns = {
            "Commentaire": self._texts.gather(number % DIFFERENT_TEXTS),
            "star": stars,
            "source": pl.lit("TrustPilot"),
            "company": pl.lit("ShowRoom"),
            "index_org": number,
            "star_org": stars,
            "date": day.cast(pl.String),
        }
        file = self._folder / f"reviews-{self._rows}.csv"
        pl.select(**columns).write_csv(file)
        os.sync()
        try:
            yield file
        finally:
            file.unlink()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="also write the results here")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    options = parser.parse_args()
    part = 10 if options.quick else 1
    found: Figures = heading()
    print(f"load average before: {os.getloadavg()}")
    with tempfile.TemporaryDirectory(prefix="satispy-bench-") as name:
        folder = Path(name)
        found["fsync_ms"] = fsync_ms(folder)
        print(f"fsync of 4 KiB: {found['fsync_ms']:.2f} ms")
        files = Files(folder)
        found |= on_an_empty_and_a_large_base(folder, files, part)
        found["http_uploads"] = [
            upload_through_http(folder, files, rows // part) for rows in (100_000, 1_000_000)
        ]
        found["comments"] = [comments_through_http(folder, count, part) for count in CLIENTS]
        found["postgresql"] = on_postgresql(folder, files, part)
    print(f"load average after: {os.getloadavg()}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def on_an_empty_and_a_large_base(folder: Path, files: Files, part: int) -> Figures:
    """Upload each file to an empty base and to one of ten uploads; verify and export the latter."""
    with new_home(folder) as large:
        for _ in range(UPLOADS_BEFORE):
            with files.of(1_000_000 // part) as file:
                apart(upload, large, file)
        rows_before = UPLOADS_BEFORE * 1_000_000 // part
        cases = []
        for size, times in SIZES.items():
            on_empty, on_large = [], []
            for _ in range(times):
                with files.of(size // part) as file, new_home(folder) as empty:
                    on_empty.append(apart(upload, empty, file))
                    on_large.append(apart(upload, large, file))
            case = {
                "empty": told("an empty base", on_empty),
                "large": told(f"a base of {rows_before:,}", on_large),
            }
            case["ratio"] = case["large"]["seconds"] / case["empty"]["seconds"]
            print(f"    {case['ratio']:.2f} times as long as on an empty base")
            cases.append(case)
        read = apart(verify_and_export, large)
        print("verify of {rows:,} rows: {verify:.2f} s; export: {export:.2f} s".format(**read))
    return {"rows_before": rows_before, "uploads": cases, "read": read}


def upload_through_http(folder: Path, files: Files, rows: int) -> Figures:
    """Upload a file to an empty base through the API, which is new too."""
    with (
        new_home(folder) as settings,
        running_api(settings, "admin") as api,
        files.of(rows) as file,
    ):
        found = clients("upload", settings, str(file)) | {"rows": rows, "peak_mib": peak_mib(api)}
    print(
        "upload of {rows:,} by HTTP: {seconds:.2f} s, API's peak {peak_mib:.0f} MiB".format(**found)
    )
    return found


def comments_through_http(folder: Path, count: int, part: int, server: Any = None) -> Figures:
    """Let so many clients post comments for a while, each of which must be in the base then."""
    with new_home(folder, server) as settings, running_api(settings, "user"):
        clients("comments", settings, str(count), str(WARMING_SECONDS / part))
        with open_home(settings) as home:
            before = home.store.history.current()
            found = clients("comments", settings, str(count), str(COMMENT_SECONDS / part))
            after = home.store.history.current()
    added = after.rows_total - before.rows_total
    if added != found["comments"]:
        raise RuntimeError(f"{found['comments']} comments were acknowledged, {added} were added")
    found |= {"clients": count, "per_entry": added / (after.number - before.number)}
    where = "SQLite" if server is None else "PostgreSQL"
    print(
        "comments by {clients} clients: {per_second:.0f}/s, median {median_ms:.1f} ms, 99 % within "
        "{p99_ms:.1f} ms, {per_entry:.1f} in a ledger row".format(**found),
        f"({where})",
    )
    return found


def on_postgresql(folder: Path, files: Files, part: int) -> Figures | None:
    """Measure some of it with the ledger on a PostgreSQL server that waits for its disk."""
    sys.path.insert(0, str(TESTS))
    import pytest

    import postgresql

    postgresql.SETTINGS |= {"fsync": "on", "full_page_writes": "on"}
    with ExitStack() as stack:
        try:
            server = stack.enter_context(postgresql.postgresql_server())
        except pytest.skip.Exception as error:
            print(f"PostgreSQL was not measured: it {error}")
            return None
        rows, measured = 100_000, []
        for _ in range(SIZES[rows]):
            with files.of(rows // part) as file, new_home(folder, server) as settings:
                measured.append(apart(upload, settings, file))
        return {
            "upload": told("an empty base, PostgreSQL", measured),
            "comments": [comments_through_http(folder, count, part, server) for count in CLIENTS],
        }


def upload(settings: Settings, file: Path) -> Figures:
    """Upload a file to an open home; in a process of its own."""
    with open_home(settings) as home, file.open("rb") as content:
        start = time.perf_counter()
        receipt = ingest_file(home, Delivery(content, file.name, "bench"))
        seconds = time.perf_counter() - start
    if receipt.rows_accepted != receipt.rows_received:
        raise RuntimeError(f"expected every row to be accepted, but received {receipt}")
    return {"rows": receipt.rows_accepted, "seconds": seconds, "peak_mib": peak_mib(os.getpid())}


def verify_and_export(settings: Settings) -> Figures:
    """Verify the base and write its newest version to a file; in a process of its own."""
    from satispy.workflows.base import export_version, verify_base  # pandas: not for the uploads

    with open_home(settings) as home:
        start = time.perf_counter()
        found = verify_base(home)
        verified = time.perf_counter()
        export_version(home, None, settings.paths.home / "exported.csv")
        exported = time.perf_counter()
    if not found.sound:
        raise RuntimeError(f"expected a sound base, but: {found.wrong}")
    return {
        "rows": found.head.rows_total,
        "bytes": found.size,
        "verify": verified - start,
        "export": exported - verified,
    }


def told(base: str, measured: list[Figures]) -> Figures:
    """Print and return the median of some uploads of one size."""
    seconds = [one["seconds"] for one in measured]
    found = {
        "rows": measured[0]["rows"],
        "seconds": statistics.median(seconds),
        "longest": max(seconds),
        "peak_mib": max(one["peak_mib"] for one in measured),
    }
    rate = found["rows"] / found["seconds"]
    print(
        "{rows:,} rows to ".format(**found)
        + f"{base}: {rate:,.0f} rows/s, "
        "{seconds:.3f} s (longest {longest:.3f}), peak {peak_mib:.0f} MiB".format(**found)
    )
    return found


def fsync_ms(folder: Path) -> float:
    """Return what one small append costs that waits for the disk: the floor of a commit."""
    waits = []
    with (folder / "probe").open("wb", buffering=0) as file:
        for _ in range(200):
            start = time.perf_counter()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            waits.append(time.perf_counter() - start)
    return 1000 * statistics.median(waits)


if __name__ == "__main__":
    main()

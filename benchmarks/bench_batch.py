"""POST /predict/batch at 100 000 rows: seconds, memory, and what others wait meanwhile.

Usage: ``.venv/bin/python benchmarks/bench_batch.py [--reviews FOLDER] [--models HOME]``, the demo's
synthetic reviews where no folder is named. Trains the three families, or takes a copy of a home
where they serve, and serves them as the stack does. The file holds reviews of at most `SHORT`
characters, over and over, each with its number, so that no two rows are equal. Meanwhile somebody
else asks for one text every `EVERY` seconds.
"""

import argparse
import base64
import csv
import http.client
import io
import json
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import psutil
from bench_predict import PASSWORD, USER, apart, make_home, reviews_of, running_api
from common import heading
from served_homes import peak_mib

from satispy.core.settings import Settings
from satispy.stack.ports import free_port
from satispy.workflows.accounts import add_user, open_accounts

ROWS = 100_000
SHORT = 150
EVERY = 0.2
PIECE = 1 << 16
BOUNDARY = "b" * 24
AIMS = {"seconds": 120.0, "mib": 300.0}

Figures = dict[str, Any]


def main() -> None:
    """Measure, print, compare with the aims; exit 1 where one is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reviews", type=Path, default=os.environ.get("SATISPY_REVIEWS"))
    parser.add_argument("--models", type=Path, help="a home where the families serve")
    parser.add_argument("--json", type=Path, help="also write the results here")
    options = parser.parse_args()
    found: Figures = heading()
    with tempfile.TemporaryDirectory(prefix="satispy-bench-") as folder:
        settings = Settings(home=Path(folder) / "home", api_port=free_port())
        if options.models is None:
            apart(make_home, settings, options.reviews)
        else:
            shutil.copytree(options.models, settings.home)
            with open_accounts(settings) as accounts:
                add_user(accounts, USER, PASSWORD, "user")
        texts, _ = reviews_of(settings.paths.base)
        body = body_of([text for text in texts if len(text) <= SHORT])
        for which in ("champion", "all"):
            with running_api(settings) as (process, _):
                found[which] = measured(settings, process, body, which)
            print(
                f"{which}: "
                + "{seconds:.1f} s, {rows_per_second:,.0f} rows/s, first byte after "
                "{first_byte:.2f} s, peak of the API {mib:.0f} MiB; one text beside it: "
                "p50 {beside_p50_ms:.0f} ms, p95 {beside_p95_ms:.0f} ms".format(**found[which]),
                flush=True,
            )
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    sys.exit(0 if all(found["champion"][name] < aim for name, aim in AIMS.items()) else 1)


def body_of(texts: Sequence[str]) -> bytes:
    """Return the form with the file."""
    file = io.StringIO(newline="")
    rows = csv.writer(file)
    rows.writerow(("number", "Commentaire"))
    rows.writerows(enumerate(islice(cycle(texts), ROWS)))
    content = file.getvalue().encode()
    print(f"{ROWS} rows, {len(content) / ROWS:.0f} bytes each")
    disposition = 'form-data; name="file"; filename="reviews.csv"'
    head = f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n\r\n"
    return head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def measured(settings: Settings, process: psutil.Process, body: bytes, which: str) -> Figures:
    """Have the file answered, while somebody else asks for one text again and again."""
    waits: list[float] = []
    over = threading.Event()
    other = threading.Thread(target=ask_beside, args=(settings.api_port, over, waits))
    other.start()
    start = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", settings.api_port, timeout=600)
    headers = authorization() | {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    connection.request("POST", f"/predict/batch?families={which}", body, headers)
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    lines = answer.read(1).count(b"\n")
    first = time.perf_counter() - start
    while piece := answer.read(PIECE):
        lines += piece.count(b"\n")
    took = time.perf_counter() - start
    over.set()
    other.join()
    assert lines > ROWS
    waits.sort()
    family = [process, *process.children(recursive=True)]
    return {
        "seconds": took,
        "rows_per_second": ROWS / took,
        "first_byte": first,
        "mib": sum(peak_mib(one.pid) for one in family),
        "beside_p50_ms": 1000 * waits[len(waits) // 2],
        "beside_p95_ms": 1000 * waits[int(0.95 * (len(waits) - 1))],
    }


def ask_beside(port: int, over: threading.Event, waits: list[float]) -> None:
    """Ask for one text every so often, on a kept connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    body = json.dumps({"texts": ["Colis jamais arrivé, service client injoignable."]})
    while not over.wait(EVERY):
        start = time.perf_counter()
        connection.request(
            "POST", "/predict", body, authorization() | {"Content-Type": "application/json"}
        )
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
        waits.append(time.perf_counter() - start)


def authorization() -> dict[str, str]:
    """Return the header that lets the benchmark in."""
    pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


if __name__ == "__main__":
    main()

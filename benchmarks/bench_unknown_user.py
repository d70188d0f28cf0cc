"""Does the time of a refusal tell whether there is such a user? Asked of the real API.

Usage: ``python benchmarks/bench_unknown_user.py [--pairs 200] [--json PATH]``. An unknown name and
a known one with a wrong password, in turn, each from another address. The answer is the difference
of the medians with its 95 % interval (bootstrap over the pairs), beside a margin wide enough for
machines that do other things too.
"""

import argparse
import base64
import http.client
import json
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from common import heading
from served_homes import USER, new_home, running_api

MARGIN = 0.10
"""Largest share of the median by which the two may differ."""
RESAMPLES = 2_000


def main() -> None:
    """Measure, print, compare with the margin; exit 1 beyond it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--json", type=Path, help="also write the results here")
    options = parser.parse_args()
    found: dict[str, Any] = heading()
    with (
        tempfile.TemporaryDirectory(prefix="satispy-bench-") as folder,
        new_home(Path(folder)) as home,
    ):
        settings = home.model_copy(
            update={"trusted_proxies": "127.0.0.1", "sign_in_failures": 1_000_000}
        )
        with running_api(settings, "user"):
            pairs = measure(settings.api_port, options.pairs)
    unknown, wrong = (statistics.median(waits) for waits in zip(*pairs, strict=True))
    low, high = interval(pairs)
    apart = abs(unknown - wrong) / wrong
    print(
        f"unknown user: median {unknown:.1f} ms; wrong password: {wrong:.1f} ms; difference "
        f"{unknown - wrong:+.1f} ms, 95 % of it {low:+.1f} to {high:+.1f}"
    )
    print(f"apart by {apart:.1%}, margin {MARGIN:.0%}: {'met' if apart < MARGIN else 'MISSED'}")
    if options.json:
        found |= {"unknown_ms": unknown, "wrong_ms": wrong, "difference_ms": [low, high]}
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    sys.exit(0 if apart < MARGIN else 1)


def measure(port: int, count: int) -> list[tuple[float, float]]:
    """Return milliseconds of an unknown user and of a wrong password, pair by pair."""
    for number in range(5):  # the first verifications also load what the later ones have
        ask(port, "nobody", 60_000 + number)
    pairs = []
    for number in range(count):
        unknown_first = random.random() < 0.5  # noqa: S311  an order, not a secret
        first, second = ("nobody", USER) if unknown_first else (USER, "nobody")
        one = ask(port, first, 2 * number), ask(port, second, 2 * number + 1)
        pairs.append(one if unknown_first else one[::-1])
    return pairs


def ask(port: int, name: str, number: int) -> float:
    """Sign in with a wrong password from an address of its own; return milliseconds."""
    pair = base64.b64encode(f"{name}:wrong {number}".encode()).decode()
    headers = {
        "Authorization": f"Basic {pair}",
        "X-Forwarded-For": f"10.0.{number >> 8 & 255}.{number & 255}",
    }
    connection = http.client.HTTPConnection("127.0.0.1", port)
    start = time.perf_counter()
    connection.request("GET", "/status", headers=headers)
    status = connection.getresponse().status
    took = 1000 * (time.perf_counter() - start)
    connection.close()
    if status != 401:
        raise RuntimeError(f"expected 401, but received {status}")
    return took


def interval(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the 95 % interval of the difference of the medians."""
    chance = random.Random(0)  # noqa: S311  a resampling, not a secret
    found = []
    for _ in range(RESAMPLES):
        drawn = chance.choices(pairs, k=len(pairs))
        unknown, wrong = zip(*drawn, strict=True)
        found.append(statistics.median(unknown) - statistics.median(wrong))
    found.sort()
    return found[int(0.025 * RESAMPLES)], found[int(0.975 * RESAMPLES)]


if __name__ == "__main__":
    main()

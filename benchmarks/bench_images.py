"""How large the images are above their base, and how much memory the containers take.

Usage: ``python benchmarks/bench_images.py [--base IMAGE] [--seconds S] [--json PATH]`` beside a
platform of `make prod`. For `--seconds` it looks at the containers all the time: run `make tour`
meanwhile, and the largest figures are those of a retraining.
"""

import argparse
import json
import re
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

from common import heading

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ("satispy-api", "satispy-page", "satispy-airflow", "satispy-trainer")
AIMS = {
    "satispy-api": 340,
    "satispy-page": 345,
    "satispy-airflow": 330,
    "satispy-trainer": 1700,
}
UNITS = {"B": 2**-20, "KiB": 2**-10, "MiB": 1, "GiB": 2**10}


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--base", default="python:3.12-slim-bookworm")
    parser.add_argument("--version", default="0.1.0")
    parser.add_argument("--name", default="satispy", help="SATISPY_NAME of the platform")
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("--json", type=Path, help="also write the results here")
    options = parser.parse_args()
    about = heading()
    base = size(options.base)
    sizes = {name: size(f"{name}:{options.version}") - base for name in IMAGES}
    print(f"base {options.base}: {base / 1e6:.0f} MB; above it")
    for name, found in sizes.items():
        print(f"  {name}: {found / 1e6:.0f} MB (aim: below {AIMS[name]})")
    first, peak, together = watch(options.name, options.seconds)
    print("container: MiB at first, at its peak")
    for name in sorted(peak):
        print(f"  {name}: {first.get(name, 0):.0f}, {peak[name]:.0f}")
    print(f"all: {sum(first.values()):.0f}, {together:.0f}")
    if options.json:
        found = {
            **about,
            "date": f"{datetime.now(UTC):%Y-%m-%d}",
            "above_base_mb": {name: round(value / 1e6) for name, value in sizes.items()},
            "rest_mib": round(sum(first.values())),
            "peak_mib": round(together),
        }
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def size(image: str) -> int:
    """Return the bytes of an image, as the engine counts them."""
    return int(said("docker", "image", "inspect", "-f", "{{.Size}}", image))


def watch(name: str, seconds: float) -> tuple[dict[str, float], dict[str, float], float]:
    """Return MiB by container, at first and at most, and the largest sum at one moment."""
    ends = time.monotonic() + seconds
    first = memory(name)
    peak, together = dict(first), sum(first.values())
    while time.monotonic() < ends:
        now = memory(name)
        together = max(together, sum(now.values()))
        for container, taken in now.items():
            peak[container] = max(taken, peak.get(container, 0))
    return first, peak, together


def memory(name: str) -> dict[str, float]:
    """Return the MiB that each container of a platform takes now."""
    told = said("docker", "stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}")
    ours = [line.split() for line in told.splitlines() if line.startswith(f"{name}-")]
    found = {}
    for container, taken, *_ in ours:
        number, unit = re.fullmatch(r"([\d.]+)(\w+)", taken).groups()
        found[container] = float(number) * UNITS[unit]
    return found


def said(*words: str) -> str:
    """Return what a command prints."""
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    main()

"""A good user's `GET /status` while wrong sign-ins flood the real API, and the API's memory.

Usage: ``python benchmarks/bench_flood.py [--seconds 70] [--rate 50] [--models HOME] [--json PATH]``

The API runs as the stack runs it, on a new home; with ``--models`` it holds those that serve in
another one. In 70 seconds it forgets the good user's password once, and verifies it anew in the
midst of the flood. The flood comes once from one address, which the limits refuse, and once from as
many addresses as it has attempts, through a proxy that the API trusts: each of them is new, so no
limit holds, and what saves the good user is who waits where.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx2 as httpx
import psutil
from common import heading
from served_homes import PASSWORD, USER, new_home, peak_mib, running_api

from satispy.core.settings import Settings
from satispy.stack.addresses import api_url
from satispy.stack.memory import pss_mib

AIMS = {"p95_ms": 250.0, "pss_mib": 300.0}
CLIENTS = Path(__file__).with_name("flood_clients.py")

Figures = dict[str, Any]


def main() -> None:
    """Measure, print, compare with the aims; exit 1 where one is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=70.0)
    parser.add_argument("--rate", type=float, default=50.0, help="wrong sign-ins per second")
    parser.add_argument("--models", type=Path, help="a home whose serving models the API holds")
    parser.add_argument("--json", type=Path, help="also write the results here")
    options = parser.parse_args()
    found: Figures = heading()
    met = True
    for mode in ("none", "one", "many"):
        figures = found[mode] = measure(mode, options.seconds, options.rate, options.models)
        print(
            "{what}: p50 {p50_ms:.1f} ms, p95 {p95_ms:.1f} ms, worst {worst_ms:.0f} ms of {asked}; "
            "API {pss_mib:.0f} MiB (PSS), peak {peak_mib:.0f} MiB (RSS), {cores:.2f} cores; "
            "flood answered {flood}".format(what=f"flood from {mode}", **figures),
            flush=True,
        )
        met &= all(figures[name] < aim for name, aim in AIMS.items())
    print(f"aims {AIMS}: {'met' if met else 'MISSED'}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    sys.exit(0 if met else 1)


def measure(mode: str, seconds: float, rate: float, models: Path | None) -> Figures:
    """Serve a new home, and let flood and good user at it."""
    with (
        tempfile.TemporaryDirectory(prefix="satispy-bench-") as folder,
        new_home(Path(folder)) as home,
    ):
        settings = home.model_copy(update={"trusted_proxies": "127.0.0.1"})
        if models is not None:
            for part in ("runs", "serving", "vectors"):
                source = models / "clean_model" / part
                shutil.copytree(source, settings.paths.clean_model / part)
        with running_api(settings, "user") as pid:
            if models is not None:
                ask_once(settings)
            process = psutil.Process(pid)
            before = sum(process.cpu_times()[:2])
            figures = play(settings.api_port, seconds, rate, mode)
            cores = (sum(process.cpu_times()[:2]) - before) / seconds
            memory = {"pss_mib": pss_mib([process]), "peak_mib": peak_mib(pid)}
    return {**figures, **memory, "cores": cores}


def ask_once(settings: Settings) -> None:
    """Let the API load every model that serves."""
    answer = httpx.post(
        f"{api_url(settings)}/predict",
        json={"texts": ["livraison rapide, très bon produit"]},
        auth=(USER, PASSWORD),
        timeout=60,
        trust_env=False,
    )
    answer.raise_for_status()


def play(port: int, *given: object) -> Figures:
    """Run `flood_clients.py`."""
    command = [sys.executable, CLIENTS, str(port), USER, PASSWORD, *map(str, given)]
    done = subprocess.run(command, stdout=subprocess.PIPE, env=dict(os.environ), check=True)
    figures: Figures = json.loads(done.stdout)
    return figures


if __name__ == "__main__":
    main()

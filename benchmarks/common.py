"""What every benchmark prints first, and the options that all have."""

import argparse
import os
import platform
import shlex
import sys
from pathlib import Path

import psutil


def read_options(description: str) -> argparse.Namespace:
    """Read ``--reviews`` (or ``SATISPY_REVIEWS``) and ``--json``."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--reviews", type=Path, default=os.environ.get("SATISPY_REVIEWS"))
    parser.add_argument("--json", type=Path, help="also write the results here")
    options = parser.parse_args()
    if options.reviews is None:
        parser.error("expected --reviews FOLDER or SATISPY_REVIEWS, but received neither")
    options.reviews = Path(options.reviews)
    return options


def heading() -> dict[str, str]:
    """Return and print the command and the machine, without which a figure says nothing."""
    memory = psutil.virtual_memory().total / 2**30
    found = {
        "command": shlex.join(["python", *sys.argv]),
        "machine": f"{psutil.cpu_count()} x {platform.machine()}, {memory:.0f} GiB, "
        f"{platform.system()}, Python {platform.python_version()}",
    }
    for name, value in found.items():
        print(f"{name}: {value}")
    return found

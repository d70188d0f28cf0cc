"""The product as a stranger meets it: `satispy demo`, really run, with a home and ports."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from satispy.stack.ports import free_port

TOUR_SECONDS = 900
STOP_SECONDS = 90


@dataclass
class Product:
    """A running demo."""

    home: Path
    process: subprocess.Popen[str]
    environment: dict[str, str]
    printed: list[str]

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.environment[f'SATISPY_{name}_PORT']}"

    @property
    def auth(self) -> tuple[str, str]:
        return "admin", (self.home / "secrets" / "admin_password").read_text().strip()

    @property
    def summary(self) -> dict:
        return json.loads((self.home / "summary.json").read_text())

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_SECONDS)


@contextmanager
def running_product(home: Path) -> Iterator[Product]:
    """Play the tour, then leave the product up while the block runs."""
    environment = {name: value for name, value in os.environ.items() if name[:8] != "SATISPY_"}
    environment["SATISPY_HOME"] = str(home)
    for name in ("API", "UI", "AIRFLOW"):
        environment[f"SATISPY_{name}_PORT"] = str(free_port())
    process = subprocess.Popen(
        [Path(sys.executable).with_name("satispy"), "demo"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines: queue.Queue[str | None] = queue.Queue()

    def pump():
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=pump, daemon=True).start()
    product = Product(home, process, environment, [])
    try:
        while (line := lines.get(timeout=TOUR_SECONDS)) is not None:
            product.printed.append(line.rstrip())
            if "Ctrl-C stops everything" in line:
                break
        else:
            pytest.fail("the tour ended early:\n" + "\n".join(product.printed))
        yield product
    finally:
        if process.poll() is None:
            product.stop()
        process.stdout.close()

"""Predictions on their way into the database: the answer does not wait for the disk.

One thread writes what has gathered, so a request costs some microseconds and a thousand predictions
one synchronisation. A process that is killed loses what gathered within `EVERY_SECONDS`; one that
ends writes it first.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import queue
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from filelock import FileLock

from satispy.core.clock import Clock
from satispy.core.database import Database
from satispy.core.errors import SatispyError
from satispy.core.files import private_folder, write_atomically
from satispy.core.settings import Settings
from satispy.monitoring import predictions
from satispy.monitoring.predictions import KeptPrediction

EVERY_SECONDS = 0.2
MOST_AT_ONCE = 5_000
MOST_WAITING = 200_000
"""Texts; beyond them the newest are not kept, and the log says how many."""
SWEEP_SECONDS = 3600.0
PATIENCE_SECONDS = 2.0
_KEY_BYTES = 32

_Item = list[KeptPrediction] | threading.Event | None
"""Predictions; or somebody who waits until those before are written; or the end."""

log = logging.getLogger(__name__)


class Answer(Protocol):
    """What is kept of one model's answer."""

    @property
    def label(self) -> int:
        """0 or 1."""

    @property
    def probability(self) -> float:
        """P(label 1)."""

    @property
    def model_version(self) -> str:
        """Name of the run."""


class PredictionLog:
    """Takes predictions from any thread, and writes them in its own.

    Parameters
    ----------
    settings
        How long predictions are kept (`prediction_days`; 0: not at all), and whether texts are
        (`prediction_text`); name the home, where the key of the marks lies.
    database
        Where they go.
    clock
        Dates them.
    """

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self._days = settings.prediction_days
        self._keeps_text = settings.prediction_text == "kept"
        self._key_file = settings.paths.secrets / "prediction_key"
        self._database = database
        self._clock = clock
        self._key: bytes | None = None
        self._waiting: queue.Queue[_Item] = queue.Queue()
        self._count = 0
        self._lost = 0
        self._starting = threading.Lock()
        self._writer: threading.Thread | None = None

    def record(
        self, asked_by: str, texts: Sequence[str], results: Sequence[Mapping[str, Answer]]
    ) -> list[str] | None:
        """Keep what was answered; return an id per text, or None where nothing is kept.

        Parameters
        ----------
        asked_by
            The user.
        texts
            What was asked, n texts.
        results
            For each text, the answers by family.
        """
        if not self._days:
            return None
        moment = self._clock()
        kept = [
            KeptPrediction(
                id=_new_id(moment),
                at=moment,
                asked_by=asked_by,
                text_mark=self._mark(text),
                text=text if self._keeps_text else None,
                answers={
                    family: {
                        "run": one.model_version,
                        "label": one.label,
                        "probability": round(one.probability, 6),
                    }
                    for family, one in result.items()
                },
            )
            for text, result in zip(texts, results, strict=True)
        ]
        if self._count + len(kept) > MOST_WAITING:
            self._lost += len(kept)
            return [one.id for one in kept]
        self._count += len(kept)
        self._start()
        self._waiting.put(kept)
        return [one.id for one in kept]

    def find(self, prediction_id: str) -> KeptPrediction | None:
        """Return a prediction, also one that this process has not written yet."""
        self.flush()
        with self._database.reading() as connection:
            return predictions.find(connection, prediction_id)

    def flush(self, patience: float = PATIENCE_SECONDS) -> None:
        """Wait until what was handed in so far is written, for a while at most."""
        with self._starting:
            if self._writer is None:
                return
            written = threading.Event()
            self._waiting.put(written)
        written.wait(patience)

    def close(self) -> None:
        """Write what is waiting, and end the thread."""
        with self._starting:
            if self._writer is not None:
                self._waiting.put(None)
                self._writer.join()
                self._writer = None

    def sweep(self) -> int:
        """Forget what is older than the settings say; return how many predictions that were."""
        before = self._clock() - timedelta(days=self._days)
        with self._database.writing() as connection:
            return predictions.forget_before(connection, before)

    def _mark(self, text: str) -> str:
        if self._key is None:
            self._key = _key_of(self._key_file)
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()

    def _start(self) -> None:
        with self._starting:
            if self._writer is None:
                self._writer = threading.Thread(target=self._write, name="predictions", daemon=True)
                self._writer.start()

    def _write(self) -> None:
        swept_at = -SWEEP_SECONDS
        open_for_more = True
        while open_for_more:
            items = self._gathered()
            rows = [one for item in items if isinstance(item, list) for one in item]
            if rows:
                self._insert(rows)
            for item in items:
                if isinstance(item, threading.Event):
                    item.set()
            open_for_more = None not in items
            if time.monotonic() - swept_at > SWEEP_SECONDS:
                swept_at = time.monotonic()
                self._sweep_quietly()

    def _gathered(self) -> list[_Item]:
        """Return what is to be written together: one wait, then all that came meanwhile."""
        items = [self._waiting.get()]
        if isinstance(items[0], list):
            time.sleep(EVERY_SECONDS)
        size = 0
        while items[-1] is not None and size < MOST_AT_ONCE:
            size += len(items[-1]) if isinstance(items[-1], list) else 0
            try:
                items.append(self._waiting.get_nowait())
            except queue.Empty:
                break
        return items

    def _insert(self, rows: list[KeptPrediction]) -> None:
        try:
            with self._database.writing() as connection:
                predictions.insert(connection, rows)
        except SatispyError as error:  # the thread lives for the others, and says what was lost
            self._lost += len(rows)
            log.error("%d predictions were answered but not kept: %s", self._lost, error)
        self._count -= len(rows)

    def _sweep_quietly(self) -> None:
        try:
            if gone := self.sweep():
                log.info("forgot %d predictions older than %d days", gone, self._days)
        except SatispyError as error:  # an hour later it is tried again
            log.warning("old predictions are still there: %s", error)


def _new_id(moment: datetime) -> str:
    """Return an id that sorts as time does: milliseconds, then chance (as RFC 9562's version 7)."""
    return f"{int(moment.timestamp() * 1000):012x}{secrets.token_hex(10)}"


def _key_of(path: Path) -> bytes:
    """Return the key of the marks, made where there is none."""
    private_folder(path.parent)
    with FileLock(path.with_name(".prediction_key.lock"), mode=0o600):
        if not path.is_file():
            write_atomically(path, secrets.token_hex(_KEY_BYTES) + "\n", mode=0o600)
    return bytes.fromhex(path.read_text(encoding="ascii").strip())

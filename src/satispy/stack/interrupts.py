"""Ctrl-C and SIGTERM: the first one interrupts, later ones only speed the ending up."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """Within this block the first signal raises KeyboardInterrupt in the main thread.

    Attributes
    ----------
    received
        The first signal, or None.
    """

    def __init__(self) -> None:
        self.received: signal.Signals | None = None
        self._hurry = threading.Event()
        self._armed = True
        self._before: dict[signal.Signals, Any] = {}

    def disarm(self) -> None:
        """From here on a signal only makes `hurry` true: we are stopping anyway."""
        self._armed = False

    def hurry(self) -> bool:
        """Tell whether somebody asked again while we were stopping."""
        return self._hurry.is_set()

    def __enter__(self) -> Self:
        for number in NUMBERS:
            if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
                continue  # nohup: it is to outlive its terminal
            self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if not self._armed:
            self._hurry.set()
            return
        self._armed = False
        self.received = signal.Signals(number)
        raise KeyboardInterrupt

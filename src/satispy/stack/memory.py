"""How much memory the stack takes: proportional set size, summed over its processes."""

import threading
from collections.abc import Callable, Iterable

import psutil

from satispy.stack.processes import GONE

MIB = 1024 * 1024


def pss_mib(processes: Iterable[psutil.Process]) -> float:
    """Return the summed PSS in MiB: shared pages count once in all, not once per process.

    Where the system has no PSS (not Linux), the unique set size stands in for it.
    """
    total = 0
    for process in processes:
        try:
            memory = process.memory_full_info()
        except GONE:
            continue
        total += getattr(memory, "pss", memory.uss)
    return total / MIB


class MemorySampler:
    """Measures in the background until it is stopped.

    Parameters
    ----------
    processes
        Returns the processes to count, anew for each sample.
    interval
        Seconds between two samples.

    Attributes
    ----------
    current_mib, peak_mib
        The last and the largest sum seen; 0 before the first sample.
    """

    def __init__(
        self, processes: Callable[[], Iterable[psutil.Process]], interval: float = 2.0
    ) -> None:
        self.current_mib = 0.0
        self.peak_mib = 0.0
        self._processes = processes
        self._interval = interval
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="memory", daemon=True)

    def start(self) -> None:
        """Begin to measure."""
        self._thread.start()

    def sample(self) -> float:
        """Measure once, now; return MiB."""
        self.current_mib = pss_mib(self._processes())
        self.peak_mib = max(self.peak_mib, self.current_mib)
        return self.current_mib

    def stop(self) -> None:
        """Stop measuring; the figures stay."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._interval):
            self.sample()

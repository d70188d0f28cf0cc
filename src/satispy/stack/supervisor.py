"""Starts the components of one home, waits until they answer, watches them, ends them all."""

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2 as httpx
import psutil

from satispy.core.clock import Clock, iso, system_clock
from satispy.core.errors import StackError
from satispy.core.settings import Paths
from satispy.stack.component import MARK, Component
from satispy.stack.memory import MemorySampler
from satispy.stack.ports import require_free
from satispy.stack.processes import describe, end, family_of, marked, wait_gone
from satispy.stack.state import StackState, only_one, remove_state, write_state

TAIL_LINES = 12
LARGEST_LOG = 5_000_000  # bytes; a longer one is put aside at the next start
STATE_SECONDS = 10.0
STRAY_SECONDS = 5.0
HURRIED_SECONDS = 0.5


def _nobody_listens(line: str) -> None:
    """Take a progress message and drop it."""


@dataclass
class Running:
    """A component that was started."""

    component: Component
    process: subprocess.Popen[bytes]
    log: Path
    log_start: int

    def tail(self) -> str:
        """Return the last lines that the component wrote since this start."""
        with self.log.open("rb") as file:
            file.seek(self.log_start)
            lines = file.read().decode(errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-TAIL_LINES:]) or "  (it wrote nothing)"


class Supervisor:
    """Runs components in a home, one stack per home.

    Parameters
    ----------
    paths
        Folders of the home.
    host
        Address that the components listen on, for the check of their ports.
    components
        In the order of starting.
    say
        Receives one line per step of starting and stopping.
    hurry
        Returns True once stopping should not wait any longer.
    clock
        Gives the time of the start.
    """

    def __init__(
        self,
        paths: Paths,
        host: str,
        components: Sequence[Component],
        *,
        say: Callable[[str], None] = _nobody_listens,
        hurry: Callable[[], bool] = lambda: False,
        clock: Clock = system_clock,
    ) -> None:
        self.paths = paths
        self.host = host
        self.components = components
        self.state = StackState(pid=os.getpid(), phase="starting", started=iso(clock()))
        self.memory = MemorySampler(self.processes)
        self._say = say
        self._hurry = hurry
        self._running: list[Running] = []
        self._held = contextlib.ExitStack()
        self._owner = False
        self._began = time.monotonic()

    def processes(self) -> list[psutil.Process]:
        """Return this process and all processes of the stack, whoever started them."""
        return [psutil.Process(), *marked(self.paths.home)]

    def start(self) -> None:
        """Start everything; return when all of it answers.

        Raises
        ------
        StackError
            If a stack runs here, a port is taken, or a component dies or does not answer in time;
            then with its last log lines. Call `stop` in any case.
        """
        self._began = time.monotonic()
        self._held.enter_context(only_one(self.paths))
        self._owner = True
        clean_up_strays(self.paths.home, self._say)
        require_free(self.host, [item.port for item in self.components if item.port])
        self.paths.logs.mkdir(parents=True, exist_ok=True)
        self.state.addresses = {item.name: item.address for item in self.components if item.address}
        write_state(self.paths, self.state)
        with self._recording_failure():
            for component in self.components:
                self._start(component)
            self._wait_until_ready()
        self.state.phase = "ready"
        self.memory.start()
        write_state(self.paths, self.state)
        self._say(f"ready after {self._passed():.1f} s")

    def check(self) -> None:
        """Look once whether all components live.

        Raises
        ------
        StackError
            If one has ended, with its last log lines.
        """
        with self._recording_failure():
            self._check()

    def watch(self, interval: float = 0.25) -> None:
        """Look again and again; never returns.

        Raises
        ------
        StackError
            When a component has ended.
        """
        written = time.monotonic()
        while True:
            self.check()
            time.sleep(interval)
            if time.monotonic() - written > STATE_SECONDS:
                self._write_peak()
                written = time.monotonic()

    def stop(self) -> None:
        """End all components in their order, and whatever they left behind.

        Raises
        ------
        StackError
            If a process of the stack survived even SIGKILL.
        """
        if not self._owner:
            return
        self.memory.stop()
        failed = self.state.error is not None
        self.state.phase = "failed" if failed else "stopping"
        write_state(self.paths, self.state)
        for turn in sorted({item.component.stop_turn for item in self._running}):
            self._stop([item for item in self._running if item.component.stop_turn == turn])
        end(marked(self.paths.home), 3.0, self._hurry)
        for item in self._running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                item.process.wait(1.0)
        remaining = marked(self.paths.home)
        if not failed:
            remove_state(self.paths)
        self._owner = False
        self._held.close()
        if remaining:
            raise StackError(
                f"could not end {', '.join(describe(process) for process in remaining)}; "
                "look at them with ps and kill them by hand"
            )

    def _passed(self) -> float:
        return time.monotonic() - self._began

    def _write_peak(self) -> None:
        peak = round(self.memory.peak_mib, 1)
        if peak > self.state.peak_memory_mib:
            self.state.peak_memory_mib = peak
            write_state(self.paths, self.state)

    def _start(self, component: Component) -> None:
        log = self.paths.logs / f"{component.name}.log"
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as output:
            log_start = output.tell()
            try:
                process = subprocess.Popen(
                    component.command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    cwd=component.folder,
                    env={**component.environment, MARK: str(self.paths.home)},
                    start_new_session=True,
                )
            except OSError as error:
                raise StackError(
                    f"{component.name} cannot be started: {component.command[0]}: "
                    f"{error.strerror}. Build the environments with 'make env'."
                ) from error
        item = Running(component, process, log, log_start)
        if component.once:
            self._run_once(item)
            return
        self._running.append(item)
        self.state.components[component.name] = process.pid

    def _run_once(self, item: Running) -> None:
        name, seconds = item.component.name, item.component.ready_seconds
        began = time.monotonic()
        while item.process.poll() is None:
            self._check()
            if time.monotonic() - began > seconds:
                raise StackError(f"{name} took longer than {seconds:g} s; see {item.log}")
            time.sleep(0.05)
        if code := item.process.returncode:
            raise StackError(f"{name} failed (exit {code}); end of {item.log}:\n{item.tail()}")
        self._say(f"{name} done after {self._passed():.1f} s")

    def _wait_until_ready(self) -> None:
        began = time.monotonic()
        waiting = {
            item.component.name: (item, list(item.component.probes)) for item in self._running
        }
        # Local addresses never go through a proxy, whatever the environment says.
        with httpx.Client(trust_env=False, timeout=10.0) as client:
            while waiting:
                self._check()
                passed = time.monotonic() - began
                for name, (item, probes) in list(waiting.items()):
                    while probes and probes[0].answers(client):
                        probes.pop(0)
                    if not probes:
                        del waiting[name]
                        self._say(f"{name} answers after {self._passed():.1f} s")
                    elif passed > item.component.ready_seconds:
                        raise StackError(
                            f"{name} did not answer at {probes[0].url} within "
                            f"{item.component.ready_seconds:g} s; end of {item.log}:\n{item.tail()}"
                        )
                time.sleep(0.1)

    def _check(self) -> None:
        for item in self._running:
            if (code := item.process.poll()) is not None:
                raise StackError(
                    f"{item.component.name} has ended by itself (exit {code}); "
                    f"end of {item.log}:\n{item.tail()}"
                )

    def _stop(self, items: Sequence[Running]) -> None:
        trees = {item.component.name: family_of([item.process.pid]) for item in items}
        for item in items:
            if item.process.poll() is None:
                item.process.terminate()
        for item in items:
            tree = trees[item.component.name]
            roots = [process for process in tree if process.pid == item.process.pid]
            wait_gone(roots, item.component.stop_seconds, self._hurry)
            end(tree, HURRIED_SECONDS if self._hurry() else 2.0)
            self._say(f"{item.component.name} stopped")

    @contextlib.contextmanager
    def _recording_failure(self) -> Iterator[None]:
        try:
            yield
        except StackError as error:
            self.state.error = str(error)
            raise


def clean_up_strays(home: Path, say: Callable[[str], None] = _nobody_listens) -> int:
    """End what a killed supervisor left behind in a home; return the number of processes.

    To be called only by who knows that no stack runs there.
    """
    strays = marked(home)
    if strays:
        say(f"ending {len(strays)} processes that an earlier stack left behind")
        end(strays, STRAY_SECONDS)
    return len(strays)

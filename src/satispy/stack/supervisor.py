"""Starts the components of one home, waits until they answer, looks after them, ends them all."""

import contextlib
import os
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import httpx2 as httpx
import psutil

from satispy.core.clock import Clock, iso, system_clock
from satispy.core.errors import StackError
from satispy.core.settings import Paths
from satispy.stack.component import Component
from satispy.stack.launch import Running, launch, put_aside_while_written
from satispy.stack.memory import MemorySampler
from satispy.stack.ports import require_free
from satispy.stack.processes import describe, end, family_of, marked, wait_gone
from satispy.stack.state import StackState, only_one, remove_state, write_state

STATE_SECONDS = 10.0
STRAY_SECONDS = 5.0
HURRIED_SECONDS = 0.5
MOST_RESTARTS = 3
RESTART_WINDOW_SECONDS = 600.0


def _nobody_listens(line: str) -> None:
    """Take a progress message and drop it."""


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
    verify
        Which certificates to believe where a component speaks HTTPS.
    clock
        Gives the time of the start and of restarts.
    """

    def __init__(
        self,
        paths: Paths,
        host: str,
        components: Sequence[Component],
        *,
        say: Callable[[str], None] = _nobody_listens,
        hurry: Callable[[], bool] = lambda: False,
        verify: ssl.SSLContext | bool = True,
        clock: Clock = system_clock,
    ) -> None:
        self.paths = paths
        self.host = host
        self.components = components
        self.state = StackState(pid=os.getpid(), phase="starting", started=iso(clock()))
        self.memory = MemorySampler(self.processes)
        self._say = say
        self._hurry = hurry
        self._verify = verify
        self._clock = clock
        self._restarts: dict[str, list[float]] = {}
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
        self.state.addresses = {item.name: item.address for item in self.components if item.address}
        write_state(self.paths, self.state)
        with self._recording_failure():
            for component in self.components:
                self._start(component)
            self._wait_until_ready(self._running)
        self.state.phase = "ready"
        self.memory.start()
        write_state(self.paths, self.state)
        self._say(f"ready after {self._passed():.1f} s")

    def check(self) -> None:
        """Look once whether all components live; restart one that has ended.

        Returns once a restarted component answers.

        Raises
        ------
        StackError
            If one ends again and again, or does not answer after its restart; with its last log
            lines.
        """
        with self._recording_failure():
            if revived := self._look_after():
                self._wait_until_ready(revived)

    def watch(self, interval: float = 0.25) -> None:
        """Look again and again; never returns.

        Raises
        ------
        StackError
            As `check`.
        """
        written = time.monotonic()
        while True:
            self.check()
            time.sleep(interval)
            if time.monotonic() - written > STATE_SECONDS:
                self._write_peak()
                self._put_logs_aside()
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

    def _put_logs_aside(self) -> None:
        for item in self._running:
            try:
                put_aside_while_written(item.log)
            except OSError as error:  # a full disk, say: the component goes on, and so do we
                self._say(f"{item.log} is overgrown and cannot be put aside: {error.strerror}")

    def _start(self, component: Component) -> None:
        item = launch(component, self.paths)
        if component.once:
            self._run_once(item)
            return
        self._running.append(item)
        self.state.components[component.name] = item.process.pid

    def _run_once(self, item: Running) -> None:
        name, seconds = item.component.name, item.component.ready_seconds
        began = time.monotonic()
        while item.process.poll() is None:
            self._look_after()
            if time.monotonic() - began > seconds:
                raise StackError(f"{name} took longer than {seconds:g} s; see {item.log}")
            time.sleep(0.05)
        if code := item.process.returncode:
            raise item.complaint(f"{name} failed (exit {code})")
        self._say(f"{name} done after {self._passed():.1f} s")

    def _wait_until_ready(self, items: Sequence[Running]) -> None:
        # Local addresses never go through a proxy, whatever the environment says.
        with httpx.Client(trust_env=False, timeout=10.0, verify=self._verify) as client:
            waiting = {item.component.name: _Wait(item) for item in items}
            while waiting:
                for item in self._look_after():
                    waiting[item.component.name] = _Wait(item)
                for name, wait in list(waiting.items()):
                    if wait.is_over(client):
                        del waiting[name]
                        self._say(f"{name} answers after {self._passed():.1f} s")
                time.sleep(0.1)

    def _look_after(self) -> list[Running]:
        """Restart what has ended; return what was restarted. During the start a death is final."""
        revived = []
        for place, item in enumerate(self._running):
            if (code := item.process.poll()) is None:
                continue
            name = item.component.name
            ended = f"{name} has ended by itself (exit {code})"
            if self.state.phase != "ready":
                raise item.complaint(ended)
            now = time.monotonic()
            recent = [
                at for at in self._restarts.get(name, []) if now - at < RESTART_WINDOW_SECONDS
            ]
            if len(recent) >= MOST_RESTARTS:
                minutes = RESTART_WINDOW_SECONDS / 60
                raise item.complaint(
                    f"{ended}, after {len(recent)} restarts within {minutes:g} minutes"
                )
            self._restarts[name] = [*recent, now]
            self._say(
                f"{iso(self._clock())} {ended}; restarting it ({len(recent) + 1} of at most "
                f"{MOST_RESTARTS}); its log is {item.log}"
            )
            # Its children would go on without it, and some hold its port.
            left = marked(self.paths.home, name)
            end(family_of(process.pid for process in left), STRAY_SECONDS, self._hurry)
            self._running[place] = launch(item.component, self.paths)
            self.state.components[name] = self._running[place].process.pid
            write_state(self.paths, self.state)
            revived.append(self._running[place])
        return revived

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
            self.state.error = str(error).partition("\n")[0]
            raise


class _Wait:
    """A component that was started and does not answer yet."""

    def __init__(self, item: Running) -> None:
        self._item = item
        self._probes = list(item.component.probes)
        self._began = time.monotonic()

    def is_over(self, client: httpx.Client) -> bool:
        """Ask it; raise StackError once it has had its time."""
        while self._probes and self._probes[0].answers(client):
            self._probes.pop(0)
        component = self._item.component
        if self._probes and time.monotonic() - self._began > component.ready_seconds:
            raise self._item.complaint(
                f"{component.name} did not answer at {self._probes[0].url} within "
                f"{component.ready_seconds:g} s"
            )
        return not self._probes


def clean_up_strays(home: Path, say: Callable[[str], None] = _nobody_listens) -> int:
    """End what a killed supervisor left behind in a home; return the number of processes.

    To be called only by who knows that no stack runs there.
    """
    strays = marked(home)
    if strays:
        say(f"ending {len(strays)} processes that an earlier stack left behind")
        end(strays, STRAY_SECONDS)
    return len(strays)

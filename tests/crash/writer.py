"""A small process that writes to a base, says what was acknowledged, and dies where it is told."""

import json
import os
import resource
import signal
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from crash.batches import send
from satispy.core.clock import system_clock
from satispy.core.database import Database
from satispy.core.errors import SatispyError, StorageFull
from satispy.core.settings import Settings
from satispy.data import generations
from satispy.data.masking import mask_personal_data
from satispy.data.store import ReviewStore
from satispy.data.verification import verify
from satispy.workflows import feedback

CHANGES = ("INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP")


@dataclass(frozen=True)
class Fault:
    """Where a writer dies.

    Attributes
    ----------
    kind, name
        ``step``: a step of the protocol; ``sql``: before a statement that changes something
        (``change``), or before a ``COMMIT``; ``call``: before a call of ``os``, of which
        ``pwrite`` writes half of its bytes first.
    visit
        The how-manieth time.
    signal
        What it sends itself.
    """

    kind: str
    name: str
    visit: int = 1
    signal: str = "SIGKILL"


@dataclass(frozen=True)
class Task:
    """What a writer is to do.

    Attributes
    ----------
    name
        Of the writer; nobody else's.
    base, database
        Where; the database is a path, or a URL.
    action
        ``write`` batches, ``open``, ``fill``, ``accept``, or a change of generation.
    numbers
        First and last of the batches; of the feedback to accept the number.
    step
        2 to send files alone, or comments alone.
    ids
        Rows to erase.
    backups
        To restore from.
    room
        Bytes by which the action ``fill`` lets the base grow, which do not suffice.
    fault
        Armed before the last batch, or the one change.
    """

    name: str
    base: str
    database: str
    action: str = "write"
    numbers: tuple[int, int] = (0, 1 << 30)
    step: int = 1
    ids: tuple[int, ...] = ()
    backups: tuple[str, ...] = ()
    room: int = 0
    fault: Fault | None = None

    def encode(self) -> bytes:
        """Write it down, to be sent."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def decode(cls, message: bytes) -> "Task":
        """Read it back."""
        given = json.loads(message)
        fault = given.pop("fault")
        return cls(**given, fault=fault and Fault(**fault))


@dataclass
class Trap:
    """Counts the visits of the fault point once it is armed, and springs at the right one."""

    fault: Fault | None
    armed: bool = False
    visits: int = field(default=0)

    def passes(self, kind: str, name: str, first: Callable[[], object] = lambda: None) -> None:
        """Note that the process is at this point; `first` is done before it dies."""
        fault = self.fault
        if not self.armed or fault is None or (fault.kind, fault.name) != (kind, name):
            return
        self.visits += 1
        if self.visits == fault.visit:
            first()
            os.kill(os.getpid(), getattr(signal, fault.signal))

    def set_up(self) -> None:
        """Watch the statements and the calls; the store tells its steps itself."""

        def execute(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if statement.lstrip().upper().startswith(CHANGES):
                self.passes("sql", "change")

        event.listen(Engine, "before_cursor_execute", execute)
        event.listen(Engine, "commit", lambda _connection: self.passes("sql", "COMMIT"))
        for name in ("fsync", "replace", "ftruncate", "link", "unlink"):
            self._watch(name)
        pwrite = os.pwrite

        def torn(descriptor: int, data: bytes, offset: int) -> int:
            half = bytes(data)[: len(data) // 2]
            self.passes("call", "pwrite", lambda: pwrite(descriptor, half, offset))
            return pwrite(descriptor, data, offset)

        os.pwrite = torn

    def _watch(self, name: str) -> None:
        real = getattr(os, name)

        def watched(*arguments: Any, **options: Any) -> Any:
            self.passes("call", name)
            return real(*arguments, **options)

        setattr(os, name, watched)


def write(task: Task, acknowledge: Callable[[Any], None]) -> None:
    """Do the task; each thing done is acknowledged after it is done."""
    trap = Trap(task.fault, armed=task.action == "open")
    trap.set_up()
    place = task.database if "://" in task.database else Path(task.database)
    database = Database(place)
    store = ReviewStore(
        Path(task.base), database, system_clock, at=lambda step: trap.passes("step", step)
    )
    acknowledge("open")
    try:
        if task.action == "write":
            first, last = task.numbers
            for number in range(first, last + 1, task.step):
                trap.armed = number == last
                acknowledge([number, send(store, (task.name, number))])
        else:
            trap.armed = True
            ACTIONS[task.action](store, task)
            acknowledge("done")
    except SatispyError as error:
        acknowledge(type(error).__name__)
    database.close()


def fill(store: ReviewStore, task: Task) -> None:
    """Send a batch for which there is no room, by a limit on the size of files, and once more."""
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    enough = store.file.path.stat().st_size + task.room
    resource.setrlimit(resource.RLIMIT_FSIZE, (enough, most))
    before = store.file.path.read_bytes()
    batch = task.name, task.numbers[0]
    try:
        send(store, batch)
    except StorageFull:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        assert store.file.path.read_bytes() == before
        assert verify(store).sound
        send(store, batch)


def as_home(store: ReviewStore) -> Any:
    """Return as much of a home as feedback asks for."""
    return SimpleNamespace(
        settings=Settings(), store=store, database=store.database, clock=system_clock
    )


ACTIONS: dict[str, Callable[[ReviewStore, Task], object]] = {
    "open": lambda _store, _task: None,
    "fill": fill,
    "accept": lambda store, task: feedback.accept_feedback(
        as_home(store), task.numbers[0], "admin"
    ),
    "erase": lambda store, task: generations.erase(store, task.ids, "admin"),
    "mask": lambda store, _task: generations.mask(store, mask_personal_data, "admin"),
    "adopt": lambda store, _task: generations.adopt(store, "admin"),
    "restore": lambda store, task: generations.restore(store, [Path(one) for one in task.backups]),
}

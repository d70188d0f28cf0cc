"""What stands before a password is verified: limits, and a waiting room with few places.

Verifying a password is slow by design, so it is what a flood goes for. Known pairs of name and
address have a lane of their own: however many strangers wait, they take at most one of the two
slots, and none beyond a few waits at all.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar, cast

from satispy.core.errors import TooManyAttempts
from satispy.workflows.sign_in_limits import Places, SignInLimits

VERIFIED_AT_ONCE = 2  # each takes a core and the memory of argon2 for a while
STRANGERS_AT_ONCE = 1
MOST_STRANGERS_WAITING = 16
MOST_KNOWN_WAITING = 64
WRITE_SECONDS = 1.0

T = TypeVar("T")


class Lane:
    """A queue before the slots, which holds only so many."""

    def __init__(self, at_once: int, most_waiting: int) -> None:
        self._turn = asyncio.Semaphore(at_once)
        self._most = at_once + most_waiting
        self._inside = 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a turn; `TooManyAttempts` at once where too many wait already."""
        if self._inside >= self._most:
            raise TooManyAttempts("too many sign-ins wait to be checked; try again", 1)
        self._inside += 1
        try:
            async with self._turn:
                yield
        finally:
            self._inside -= 1


class SignInGuard:
    """Lets an attempt to sign in through, one after the other, or refuses it.

    Parameters
    ----------
    limits
        Counts failures; every worker of the home shares what it writes.
    """

    def __init__(self, limits: SignInLimits) -> None:
        self._limits = limits
        # Threads of its own: each that has once run argon2 keeps its memory (glibc's arenas).
        self._slots = ThreadPoolExecutor(VERIFIED_AT_ONCE, thread_name_prefix="passwords")
        self._strangers = Lane(STRANGERS_AT_ONCE, MOST_STRANGERS_WAITING)
        self._known = Lane(VERIFIED_AT_ONCE, MOST_KNOWN_WAITING)
        self._asking: dict[Hashable, asyncio.Task[Any]] = {}
        self._closing = asyncio.Event()
        self._writing: asyncio.Task[None] | None = None

    async def attempt(
        self,
        name: str,
        address: str,
        verify: Callable[[], T | None],
        *,
        mark: bytes | None = None,
        slow: bool = True,
    ) -> T | None:
        """Verify credentials where that is allowed.

        Parameters
        ----------
        name
            Who is said to ask: a user's name, or a key's public part.
        address
            Where from, as `client_address` tells.
        verify
            Returns who it is, or None; called in a thread.
        mark
            A keyed hash of the credentials: the same ones, asked twice at once, are verified once.
        slow
            Whether `verify` costs what argon2 costs, and so needs a slot.

        Raises
        ------
        TooManyAttempts
            Before anything is verified, with the seconds to wait.
        """
        places = Places.of(name, address)
        self._limits.ask_memory(places)
        if mark is None:
            return await self._attempt(places, verify, slow)
        key = (mark, address)
        task = self._asking.get(key)
        if task is None:
            task = asyncio.create_task(self._attempt(places, verify, slow))
            self._asking[key] = task
            task.add_done_callback(lambda _done: self._asking.pop(key, None))
        # A client that goes away must not take the answer from the others.
        return cast("T | None", await asyncio.shield(task))

    async def run(self, work: Callable[[], T]) -> T:
        """Do what hashes a password for somebody who is signed in; it needs a slot too."""
        return await asyncio.get_running_loop().run_in_executor(self._slots, work)

    async def write(self) -> None:
        """Write the failures that were not written yet."""
        if not self._limits.unwritten:
            return
        batch = self._limits.take()
        try:
            await asyncio.to_thread(self._limits.write, batch)
        except Exception as error:  # whatever it is: counted still, and written the next time
            self._limits.done(batch, error)
        else:
            self._limits.done(batch)

    async def close(self) -> None:
        """Write what is left, before the database closes."""
        self._closing.set()
        if self._writing is not None:
            await self._writing
        await self.write()
        await asyncio.to_thread(self._slots.shutdown)

    async def _attempt(
        self, places: Places, verify: Callable[[], T | None], slow: bool
    ) -> T | None:
        read = await asyncio.to_thread(self._limits.read, places)
        known = self._limits.ask(places, read).known
        if slow:
            async with (self._known if known else self._strangers).place():
                self._limits.ask_memory(places)  # others may have failed while this one waited
                found = await self.run(verify)
        else:
            found = await asyncio.to_thread(verify)
        if found is None:
            self._limits.failed(places)
        else:
            self._limits.succeeded(places)
        self._write_soon()
        return found

    def _write_soon(self) -> None:
        if self._limits.unwritten and (self._writing is None or self._writing.done()):
            self._writing = asyncio.create_task(self._write_later())

    async def _write_later(self) -> None:
        while self._limits.unwritten:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), WRITE_SECONDS)
            await self.write()
            if self._closing.is_set():
                return

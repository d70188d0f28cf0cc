"""``data_MAJ.csv`` as bytes: appended to, cut, replaced, and watched for other people's hands.

Three files stand together:

``data_MAJ.csv``
    The base. What the ledger does not name is not part of it.
``.data_MAJ.csv.intent``
    Where the writer was about to append, made durable before the first byte. It tells the tail of
    an interrupted writer, which may be cut off, from a row that somebody typed in, which may not.
``.data_MAJ.csv.next``
    The base of the next generation. The ledger row commits it, the renaming follows; whoever comes
    next finishes a renaming that was interrupted.
"""

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from satispy.core.errors import BaseDamaged
from satispy.core.files import CHUNK, disk_explained, sync_folder
from satispy.data.ledger import Digest, Entry, Link, link

Step = Callable[[str], None]
"""Told where in the protocol we are; tests kill us there."""

INTENT_SIZE = 128


@dataclass(frozen=True)
class Mark:
    """What the file system said of the base after the last commit: inode, mtime in ns."""

    inode: str
    mtime_ns: int

    @classmethod
    def of(cls, found: os.stat_result) -> "Mark":
        """Read it off."""
        return cls(str(found.st_ino), found.st_mtime_ns)


@dataclass(frozen=True)
class Damage:
    """The first entry whose bytes are not those that were committed.

    Attributes
    ----------
    number
        Of the entry.
    start, end
        Its bytes.
    size
        Of the file.
    """

    number: int
    start: int
    end: int
    size: int


class BaseFile:
    """The base of one home, as bytes. Whoever writes holds the store's locks.

    Parameters
    ----------
    path
        ``clean_data/data_MAJ.csv``.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.next = path.with_name(f".{path.name}.next")
        self._intent = path.with_name(f".{path.name}.intent")

    def stat(self) -> os.stat_result:
        """Return what the file system says of the base.

        Raises
        ------
        BaseDamaged
            If it is gone.
        """
        try:
            return self.path.stat()
        except FileNotFoundError as error:
            raise BaseDamaged(
                f"expected the base at {self.path}, but it is gone; bring it back with: "
                "satispy data restore --from BACKUP"
            ) from error

    def append(self, head: Entry, pieces: Iterable[bytes], at: Step) -> tuple[Digest, int, Mark]:
        """Append bytes behind `head` and make them durable; nothing stays if that fails.

        Returns
        -------
        tuple
            The sha256 of what was appended, the new size in bytes, and the mark.

        Raises
        ------
        StorageFull
            If the disk is full, or a quota reached.
        """
        digest, size = hashlib.sha256(), head.end_offset
        self._intend(head)
        at("intended")
        with disk_explained(self.path), self.path.open("r+b", buffering=0) as file:
            before = os.fstat(file.fileno())
            try:
                for piece in pieces:
                    _write_all(file, piece, size)
                    digest.update(piece)
                    size += len(piece)
                    at("appending")
                os.fsync(file.fileno())
            except OSError:
                os.ftruncate(file.fileno(), head.end_offset)
                # It is as before, byte by byte, and may count as untouched.
                os.utime(file.fileno(), ns=(before.st_atime_ns, before.st_mtime_ns))
                self.forget_intent()
                raise
            at("appended")
            return digest, size, Mark.of(os.fstat(file.fileno()))

    def digest(self, end: int) -> Digest:
        """Return the sha256 of the bytes up to `end`."""
        digest = hashlib.sha256()
        with self.path.open("rb") as file:
            for piece in read_range(file, 0, end):
                digest.update(piece)
        return digest

    def left_by_a_writer(self, head: Entry) -> bool:
        """Tell whether a writer was about to append behind `head`."""
        try:
            return self._intent.read_bytes() == _intent_of(head)
        except FileNotFoundError:
            return False

    def cut(self, end: int) -> None:
        """Cut off what a writer left behind byte `end`, durably."""
        with self.path.open("r+b") as file:
            os.ftruncate(file.fileno(), end)
            os.fsync(file.fileno())
        self.forget_intent()

    @contextmanager
    def writing_next(self) -> Iterator[BinaryIO]:
        """Write the base of the next generation beside this one, durably.

        Raises
        ------
        StorageFull
            If the disk is full; nothing remains.
        """
        try:
            with disk_explained(self.next), _made_like(self.path, self.next) as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
        except BaseException:  # whatever stops us, half a base goes; the error goes on
            self.next.unlink(missing_ok=True)
            raise
        sync_folder(self.path.parent)

    def move_next_in(self) -> None:
        """Put the next generation in place of this one."""
        self.next.replace(self.path)
        sync_folder(self.path.parent)

    def first_damage(self, links: Iterable[Link], chain: str) -> Damage | None:
        """Compare the base with the ledger, byte by byte; see `first_damage`."""
        with self.path.open("rb") as file:
            return first_damage(file, links, chain)

    def forget_intent(self) -> None:
        """Let what is written behind the head from now on count as somebody else's."""
        os.truncate(self._intent, 0)

    def _intend(self, head: Entry) -> None:
        new = not self._intent.exists()
        with disk_explained(self._intent):
            descriptor = os.open(self._intent, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.pwrite(descriptor, _intent_of(head), 0)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        if new:
            sync_folder(self.path.parent)


def first_damage(
    file: BinaryIO, links: Iterable[Link], chain: str, *, after: int = 0
) -> Damage | None:
    """Compare a base with the ledger, byte by byte.

    Parameters
    ----------
    file
        The base.
    links
        Entries of one generation, from its first on.
    chain
        The chain hash that the first of them follows.
    after
        Entries that end at this byte or before it are taken as they were committed, unread.
    """
    size, start = os.fstat(file.fileno()).st_size, 0
    for number, end, expected in links:
        if end <= after:
            chain, start = expected, end
            continue
        digest = hashlib.sha256()
        for piece in read_range(file, start, end):
            digest.update(piece)
        chain = link(chain, digest)
        if chain != expected or size < end:
            return Damage(number, start, end, size)
        start = end
    return None


def read_range(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    """Read bytes `start` to `end` of a file, in pieces of 1 MiB; a short file ends early."""
    file.seek(start)
    while start < end and (piece := file.read(min(CHUNK, end - start))):
        start += len(piece)
        yield piece


def _made_like(old: Path, new: Path) -> BinaryIO:
    """Open a new file for writing, with the owner and the permissions of an old one."""
    new.unlink(missing_ok=True)
    file = os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    try:
        found = old.stat()
    except FileNotFoundError:  # lost, and about to be restored
        return file
    if (found.st_uid, found.st_gid) != (os.getuid(), os.getgid()) and os.getuid() == 0:
        os.fchown(file.fileno(), found.st_uid, found.st_gid)
    os.fchmod(file.fileno(), stat.S_IMODE(found.st_mode))
    return file


def _intent_of(head: Entry) -> bytes:
    return f"{head.chain} {head.end_offset}\n".ljust(INTENT_SIZE).encode()


def _write_all(file: BinaryIO, piece: bytes, offset: int) -> None:
    view = memoryview(piece)
    while view:
        written = os.pwrite(file.fileno(), view, offset)
        view, offset = view[written:], offset + written

"""Which rows the base holds: the index of identities, kept up with the ledger."""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlalchemy.engine import Connection

from satispy.core.database import Database
from satispy.core.errors import BaseDamaged
from satispy.core.files import disk_explained
from satispy.data import guard, ledger
from satispy.data.base_file import BaseFile, Mark
from satispy.data.base_rows import identities_between
from satispy.data.identities import IdentityIndex
from satispy.data.ledger import Entry
from satispy.data.rows import Rows

FEW_BYTES = 4_000_000
"""Of the base, that are read while the locks are held; more of them are read before."""

log = logging.getLogger(__name__)

Identities = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Gap:
    """The identities, shape (2, n), of the entries `first` to `last`, which the index lacked.

    `inode` is that of the file they were read from.
    """

    identities: Identities
    first: int
    last: Entry
    inode: str


class KnownRows:
    """The identities of the rows in the base.

    What the ledger has and the index lacks is read from the base: the comments since the last
    upload, or everything where the index was lost or the base was written anew.

    Parameters
    ----------
    file, database
        The base and its ledger.
    """

    def __init__(self, file: BaseFile, database: Database) -> None:
        self._file = file
        self._database = database
        self._index = IdentityIndex(file.path.with_name("identities"))

    def read_gap(self) -> Gap | None:
        """Read what the index lacks, if it is much, before any lock is taken."""
        index = IdentityIndex(self._index.folder)  # the other one belongs to who holds the locks
        with self._database.reading() as connection:
            head = guard.head(connection)
            first, start = _beginning(connection, head.generation, index, tidy=False)
        if head.end_offset - start <= FEW_BYTES:
            return None
        log.info("reading the rows of the versions %d to %d", first, head.number)
        try:
            with self._file.path.open("rb") as file:
                inode = Mark.of(os.fstat(file.fileno())).inode
                found = identities_between(file, start, head.end_offset)
        except (BaseDamaged, FileNotFoundError):
            return None  # the guard, which comes next, says what is wrong with the base
        return Gap(found, first, head, inode)

    def fresh(
        self, connection: Connection, head: Entry, rows: Sequence[Rows], gap: Gap | None
    ) -> npt.NDArray[np.bool_]:
        """Tell which rows, over all parts, are neither in the base nor earlier among these.

        The locks are held.
        """
        first, start = _beginning(connection, head.generation, self._index)
        with disk_explained(self._index.folder):
            if gap is not None and gap.first == first and _is_ours(connection, head, gap):
                self._index.add(gap.identities, first, gap.last.number, gap.last.chain)
                first, start = gap.last.number + 1, gap.last.end_offset
            if first <= head.number:
                with self._file.path.open("rb") as file:
                    missing = identities_between(file, start, head.end_offset)
                self._index.add(missing, first, head.number, head.chain)
        asked = together(rows)
        return _first_of_its_kind(asked) & ~self._index.known(asked)

    def note(self, rows: Sequence[Rows], entry: Entry) -> None:
        """Add the rows of a committed entry; the locks are held."""
        try:
            self._index.add(together(rows), entry.number, entry.number, entry.chain)
        except OSError as error:
            # The rows are committed, and the next upload makes up for what the index lacks.
            log.warning("could not note the rows of version %d: %s", entry.number, error)

    def of_generation(self, generation: int) -> tuple[IdentityIndex, int]:
        """Return an index to ask, and the first entry of the generation that it lacks."""
        index = IdentityIndex(self._index.folder)
        with self._database.reading() as connection:
            first, _ = _beginning(connection, generation, index, tidy=False)
        return index, first

    def forget(self) -> None:
        """Drop all identities; the locks are held."""
        self._index.clear()


def together(rows: Sequence[Rows]) -> Identities:
    """Return the identities of all parts, shape (2, n)."""
    return np.concatenate(
        [np.empty((2, 0), np.uint64), *(part.identities for part in rows)], axis=1
    )


def _beginning(
    connection: Connection, generation: int, index: IdentityIndex, *, tidy: bool = True
) -> tuple[int, int]:
    """Return the first entry that an index lacks, and the byte at which it begins."""
    first = ledger.first_number(connection, generation)
    covered = index.cover(first, lambda numbers: ledger.chains(connection, numbers), tidy=tidy)
    return (first, 0) if covered is None else (covered + 1, ledger.end_of(connection, covered))


def _is_ours(connection: Connection, head: Entry, gap: Gap) -> bool:
    """Tell whether a gap was read from the base that stands now, up to one of its entries."""
    last, mark = gap.last, guard.mark(connection)
    return (
        last.generation == head.generation
        and (mark is not None and mark.inode == gap.inode)
        and ledger.chains(connection, [last.number]).get(last.number) == last.chain
    )


def _first_of_its_kind(identities: Identities) -> npt.NDArray[np.bool_]:
    high, low = identities
    order = np.lexsort((low, high))  # stable: among equals, the first to arrive stays first
    again = (high[order[1:]] == high[order[:-1]]) & (low[order[1:]] == low[order[:-1]])
    first = np.ones(len(high), bool)
    first[order[1:][again]] = False
    return first

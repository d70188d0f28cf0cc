"""Whether the base is, byte for byte, what the ledger says."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass

from satispy.data.base_file import Damage, Mark
from satispy.data.base_rows import AS_IT_STANDS, Record, in_parts, records_between
from satispy.data.identities import IdentityIndex
from satispy.data.ledger import SINGLE, Entry
from satispy.data.rules import check_comments
from satispy.data.schema import COLUMNS
from satispy.data.store import ReviewStore


@dataclass(frozen=True)
class Verification:
    """What `verify` found.

    Attributes
    ----------
    head
        The newest entry.
    size
        Bytes of the base on disk.
    wrong
        What disagrees and at which byte; empty if nothing does.
    tail
        What stands behind the last committed byte; empty if nothing does.
    """

    head: Entry
    size: int
    wrong: str
    tail: str

    @property
    def sound(self) -> bool:
        """Whether every committed byte is there, and none but an interrupted writer's behind."""
        return not self.wrong


def verify(store: ReviewStore) -> Verification:
    """Compute the chain anew; where it breaks, name the first byte that disagrees.

    The chain tells which entry was changed. Within it, rows are compared with the identities that
    were noted when they came, which tells the first changed row where the index still knows it.
    """
    head = store.history.current()
    store.guard.settle()  # afterwards: it may be the head that is not in its place yet
    found = store.file.stat()
    with store.history.links(head) as (links, chain):
        damage = store.file.first_damage(links, chain)
    tail = found.st_size - head.end_offset
    if damage is not None:
        if store.history.current().generation != head.generation:  # written anew meanwhile
            return verify(store)
        return Verification(head, found.st_size, _described(store, damage), "")
    if tail <= 0:
        return Verification(head, found.st_size, "", "")
    where = f"{tail} bytes behind byte {head.end_offset}, where version {head.number} ends,"
    if store.file.left_by_a_writer(head):
        says = f"{where} were left by an interrupted writer; the next write cuts them off"
        return Verification(head, found.st_size, "", says)
    if store.history.current().number != head.number:  # what others committed meanwhile
        return Verification(head, found.st_size, "", "")
    if Mark.of(store.file.stat()) != Mark.of(found):  # somebody is writing, or has just cut it off
        return verify(store)
    return Verification(head, found.st_size, f"{where} were put there by no upload of ours", "")


def _described(store: ReviewStore, damage: Damage) -> str:
    entry = store.history.version(damage.number)
    where = (
        f"bytes {damage.start} to {entry.end_offset} (dataset version {entry.number}, "
        f"{entry.kind} of {entry.received_at:%Y-%m-%d %H:%M} UTC) are not as committed"
    )
    changed = _first_changed(store, entry, damage)
    if changed is not None:
        row_id = changed.cells[0][:20] or "?"
        return (
            f"{where}: the first row that was changed begins at byte {changed.start}, inID {row_id}"
        )
    if damage.size < entry.end_offset:
        return f"{where}: the first byte that is missing is {damage.size}"
    return f"{where}: the first byte that may have been changed is {damage.start}"


def _first_changed(store: ReviewStore, entry: Entry, damage: Damage) -> Record | None:
    """Return the first row of the damaged entry that is not known to have come this way."""
    index, lacking = store.known.of_generation(entry.generation)
    if lacking <= entry.number:
        return None
    end = min(entry.end_offset, damage.size)
    # Within an upload ids follow one another; a base that was adopted has its own.
    counted = entry.kind in {"upload", *SINGLE}
    next_id = entry.last_id - entry.rows_accepted + 1
    rows = records_between(store.file.path, damage.start, end, errors="surrogateescape")
    try:
        for some in in_parts(rows):
            wrong = _unknown(index, some)
            if counted:
                wrong += [
                    place for place, row in enumerate(some) if row.cells[0] != str(next_id + place)
                ]
            if wrong:
                return some[min(wrong)]
            next_id += len(some)
    except csv.Error:  # the quotes do not close any more, behind rows that were all well
        return None
    return None


def _unknown(index: IdentityIndex, some: Sequence[Record]) -> list[int]:
    """Return the places of the rows that are malformed, or not among those noted."""
    cells = [dict(zip(COLUMNS, record.cells, strict=False)) for record in some]
    batch = check_comments(cells, AS_IT_STANDS)
    bad = {row.line for row in batch.bad}
    good = [place for place in range(len(some)) if place not in bad]
    known = index.known(batch.rows.identities)
    unknown = [place for place, one in zip(good, known, strict=True) if not one]
    wrong_width = [place for place, row in enumerate(some) if len(row.cells) != len(COLUMNS)]
    return [*bad, *unknown, *wrong_width]

"""The base written anew: rows erased, texts masked, or another file adopted in its place.

A generation begins with an entry that holds the whole base and follows, in the chain, the last
entry of the generation before. Versions of earlier generations can be read no more; that is the
purpose of an erasure.
"""

import csv
import hashlib
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
from sqlalchemy.engine import Connection

from satispy.core.clock import stamp
from satispy.core.errors import BaseDamaged, NotFound
from satispy.data import guard, ledger, request_keys
from satispy.data.adoption import adoptable
from satispy.data.base_file import Mark, read_range
from satispy.data.base_rows import Record, in_parts, records_between
from satispy.data.ledger import Entry, Link, link
from satispy.data.schema import COLUMNS, HEADER, written_cell
from satispy.data.store import ReviewStore

_TEXT = COLUMNS.index("Commentaire")


@dataclass(frozen=True)
class Restored:
    """What `restore` did: the version that stands again, and where the file before it went."""

    version: int
    replaced: Path | None


def erase(
    store: ReviewStore,
    row_ids: Collection[int],
    by: str,
    *,
    copies: Mapping[int, int] | None = None,
    also: Callable[[Connection, set[int], set[str]], None] = lambda *_: None,
) -> Entry:
    """Write the base anew without these rows, and forget what is derived from them.

    Parameters
    ----------
    store
        Whose base it is.
    row_ids
        The ``inID`` of each.
    by
        Who erases.
    copies
        Rows that repeat the text of others, by the ``inID`` of those: they go with them.
    also
        Told, in the transaction, which rows went and what they said.

    Raises
    ------
    NotFound
        If one of the ids is not in the base; nothing is erased then.
    """
    wanted, repeating = set(row_ids), _followers(row_ids, copies or {})
    found: set[int] = set()
    texts: set[str] = set()

    def without(records: Iterable[Record]) -> Iterator[Record]:
        for record in records:
            row_id, text = int(record.cells[0]), record.cells[_TEXT]
            # A copy comes after what it repeats, unless a foreign base was adopted since.
            if row_id in wanted or (row_id in repeating and text in texts):
                found.add(row_id)
                texts.add(text)
            else:
                yield record
        _refuse_unknown(wanted - found)

    def forget(connection: Connection) -> None:
        request_keys.forget_rows(connection, found)
        also(connection, found, texts)

    return _write_anew(store, "erased", without, by, forget)


def require(store: ReviewStore, row_ids: Collection[int]) -> None:
    """Raise `NotFound` unless the base holds all of these rows; nothing is written."""
    head = store.history.current()
    store.guard.settle()
    records = records_between(store.file.path, 0, head.end_offset)
    try:
        _refuse_unknown(set(row_ids).difference(int(record.cells[0]) for record in records))
    except (ValueError, csv.Error, FileNotFoundError):
        return  # a base that is damaged; `erase` says how


def mask(store: ReviewStore, masked: Callable[[pl.Series], pl.Series], by: str) -> Entry | None:
    """Write the base anew with masked texts; None, and nothing is written, where none changes."""
    changed = 0

    def with_masks(records: Iterable[Record]) -> Iterator[Record]:
        nonlocal changed
        for some in in_parts(records):
            texts = masked(pl.Series([record.cells[_TEXT] for record in some], dtype=pl.String))
            for record, text in zip(some, texts, strict=True):
                if text == record.cells[_TEXT]:
                    yield record
                    continue
                changed += 1
                cells = [*record.cells]
                cells[_TEXT] = text
                line = ",".join(map(written_cell, cells))
                yield replace(record, cells=cells, raw=f"{line}\n".encode())
        if not changed:
            raise _NothingChangedError

    try:
        return _write_anew(store, "masked", with_masks, by)
    except _NothingChangedError:
        return None


def adopt(store: ReviewStore, by: str) -> Entry:
    """Take the base as it lies there, whoever changed it, as a new generation.

    Raises
    ------
    BaseDamaged
        If it is not what a base must be, or is gone.
    """
    with store.guard.locked():
        with store.database.writing() as connection:
            store.guard.finish_generation(connection)
            store.file.stat()
            head = guard.head(connection)
            if store.guard.damage(connection, head) is None:
                store.guard.cut_left_tail(head)
            before = store.file.stat()
            found = adoptable(store.file.path)
            digest = store.file.digest(found.size)
            after = store.file.stat()
            if Mark.of(after) != Mark.of(before):
                raise BaseDamaged(f"{store.file.path} is being changed; adopt it when that is over")
            entry = replace(
                _beginning(store, head, "adopted", by),
                rows_received=found.rows,
                rows_accepted=found.rows,
                rows_total=found.rows,
                last_id=max(head.last_id, found.last_id),
                end_offset=found.size,
                chain=link(head.chain, digest),
            )
            ledger.insert(connection, entry)
            guard.set_mark(connection, Mark.of(after))
            request_keys.forget_all(connection)
            store.at("begun")
        store.at("committed")
    return entry


def restore(store: ReviewStore, backups: Sequence[Path]) -> Restored:
    """Put the committed bytes back, each entry from the first file that still holds them.

    What stood in their place is kept beside the base; nothing of it is lost.

    Parameters
    ----------
    store
        Whose base it is.
    backups
        Older copies of the base, to look into where the base itself fails.

    Raises
    ------
    BaseDamaged
        If some entry is whole in none of the files.
    """
    file = store.file
    with store.guard.locked():
        with store.database.writing() as connection:
            store.guard.finish_generation(connection)
            head = guard.head(connection)
            chain = ledger.chain_before_generation(connection, head.generation)
            sources = [path for path in (file.path, *backups) if path.is_file()]
            if _is_whole(store, connection, head):
                guard.set_mark(connection, Mark.of(file.stat()))
                return Restored(head.number, None)
            with file.writing_next() as out:
                start = 0
                for each in ledger.links(connection, head):
                    source = _whole(sources, start, each, chain)
                    with source.open("rb") as holder:
                        for piece in read_range(holder, start, each.end_offset):
                            out.write(piece)
                    start, chain = each.end_offset, each.chain
            store.at("rewritten")
            guard.set_mark(connection, Mark.of(file.next.stat()))
            kept = None
            if file.path.is_file():
                kept = file.path.with_name(f"{file.path.name}.{stamp(store.clock())}.replaced")
                # A copy: a second name would go on to name the base, were we stopped here.
                shutil.copy2(file.path, kept)
                kept.chmod(0o600)
                store.at("kept")
            store.at("begun")
        store.at("committed")
        file.move_next_in()
        store.at("moved")
    return Restored(head.number, kept)


class _NothingChangedError(Exception):
    """There is nothing to mask."""


def _followers(row_ids: Collection[int], copies: Mapping[int, int]) -> set[int]:
    """Return the rows that repeat these, and those that repeat them."""
    followers: set[int] = set()
    for at in row_ids:
        while at in copies and copies[at] not in followers:
            at = copies[at]
            followers.add(at)
    return followers


def _refuse_unknown(unknown: Collection[int]) -> None:
    if unknown:
        raise NotFound(
            f"expected ids of rows in the base, but {', '.join(map(str, sorted(unknown)[:20]))} "
            f"{'is' if len(unknown) == 1 else 'are'} not there; nothing was erased"
        )


def _write_anew(
    store: ReviewStore,
    kind: str,
    transform: Callable[[Iterable[Record]], Iterator[Record]],
    by: str,
    also: Callable[[Connection], None] = lambda _connection: None,
) -> Entry:
    file = store.file
    with store.guard.locked():
        with store.guard.transaction() as (connection, head):
            digest = hashlib.sha256(HEADER)
            size, rows = len(HEADER), 0
            with file.writing_next() as out:
                out.write(HEADER)
                for record in transform(records_between(file.path, 0, head.end_offset)):
                    out.write(record.raw)
                    digest.update(record.raw)
                    size += len(record.raw)
                    rows += 1
            store.at("rewritten")
            entry = replace(
                _beginning(store, head, kind, by),
                rows_received=head.rows_total,
                rows_accepted=rows,
                rows_total=rows,
                end_offset=size,
                chain=link(head.chain, digest),
            )
            ledger.insert(connection, entry)
            guard.set_mark(connection, Mark.of(file.next.stat()))
            also(connection)
            store.at("begun")
        store.at("committed")
        file.move_next_in()
        store.at("moved")
        store.known.forget()
    return entry


def _beginning(store: ReviewStore, head: Entry, kind: str, by: str) -> Entry:
    return replace(
        head,
        number=head.number + 1,
        generation=head.generation + 1,
        kind=kind,
        upload_id=None,
        resubmits=None,
        filename=None,
        sha256=None,
        warnings=[],
        rows_quarantined=0,
        rows_duplicate=0,
        received_by=by,
        received_at=store.clock(),
    )


def _is_whole(store: ReviewStore, connection: Connection, head: Entry) -> bool:
    path = store.file.path
    size = path.stat().st_size if path.is_file() else -1
    return size == head.end_offset and store.guard.damage(connection, head) is None


def _whole(sources: Sequence[Path], start: int, entry: Link, chain: str) -> Path:
    for path in sources:
        digest = hashlib.sha256()
        with path.open("rb") as file:
            for piece in read_range(file, start, entry.end_offset):
                digest.update(piece)
            if link(chain, digest) == entry.chain:
                return path
    raise BaseDamaged(
        f"expected the bytes {start} to {entry.end_offset} of dataset version {entry.number} in "
        f"{' or '.join(map(str, sources)) or 'the base, which is gone'}, but none holds them as "
        "they were committed; nothing was changed. Name another backup of data_MAJ.csv with --from"
    )

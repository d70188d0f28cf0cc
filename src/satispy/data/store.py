"""The base on disk: appended under one lock, committed by a ledger row, read as a prefix."""

import csv
import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Column, LargeBinary, MetaData, Table, exists, insert, select
from sqlalchemy.engine import Connection

from satispy.core.clock import Clock
from satispy.core.database import Database
from satispy.core.errors import BaseDamaged, DuplicateUpload, InvalidInput
from satispy.core.files import write_atomically
from satispy.data import ledger
from satispy.data.parsing import parse_file
from satispy.data.schema import COLUMNS, HEADER, Row, encode_rows, identity

NO_CHAIN = "0" * 64
_ARRIVING = Table(
    "arriving",
    MetaData(),
    Column("digest", LargeBinary(16), primary_key=True),
    prefixes=["TEMPORARY"],
)


@dataclass(frozen=True)
class Delivery:
    """Rows on their way into the base, and what is to stand in the ledger about them."""

    kind: str
    rows: Sequence[Row]
    received_by: str
    upload_id: str | None = None
    filename: str | None = None
    sha256: str | None = None
    rows_quarantined: int = 0
    keep_duplicates: bool = False


class ReviewStore:
    """The base of one home.

    Parameters
    ----------
    base
        ``clean_data/data_MAJ.csv``; made, or adopted as entry 0, at the first use.
    database
        Holds the ledger.
    clock
        Gives the time of each entry.
    """

    def __init__(self, base: Path, database: Database, clock: Clock) -> None:
        self.base = base
        self._database = database
        self._clock = clock
        self._begin()

    def current(self) -> ledger.Entry:
        """Return the newest entry: what the base is now."""
        with self._database.reading() as connection:
            return self._head(connection)

    def history(self, number: int) -> list[ledger.Entry]:
        """Return the entries that make up version `number`, oldest first."""
        with self._database.reading() as connection:
            return ledger.up_to(connection, number)

    def uploads(self, *, offset: int = 0, limit: int = 50) -> tuple[list[ledger.Entry], int]:
        """Return a page of uploads, newest first, and the number of all."""
        with self._database.reading() as connection:
            return ledger.uploads(connection, offset=offset, limit=limit)

    def refuse_known(self, sha256: str) -> None:
        """Raise `DuplicateUpload` if a file with this hash was accepted before."""
        with self._database.reading() as connection:
            _refuse_known(connection, sha256)

    def append(self, delivery: Delivery) -> ledger.Entry:
        """Append rows and commit them: all of them or, whatever happens, none.

        Under the write lock: cut off what an interrupted writer left behind the last committed
        offset, append, fsync, insert the ledger row, commit.

        Raises
        ------
        DuplicateUpload
            If a file with the same hash was accepted before.
        BaseDamaged
            If the base is shorter than the ledger says, or missing.
        Busy
            If other writers do not let go of the lock.
        """
        distinct = _by_identity(delivery.rows)
        with self._database.writing() as connection:
            if delivery.sha256 is not None:
                _refuse_known(connection, delivery.sha256)
            head = self._head(connection)
            known = _remember(connection, distinct) if distinct else set()
            fresh = (
                delivery.rows
                if delivery.keep_duplicates
                else [row for digest, row in distinct.items() if digest not in known]
            )
            appended = encode_rows(fresh, first_id=head.last_id + 1)
            entry = replace(
                head,
                number=head.number + 1,
                kind=delivery.kind,
                upload_id=delivery.upload_id,
                filename=delivery.filename,
                sha256=delivery.sha256,
                rows_received=len(delivery.rows) + delivery.rows_quarantined,
                rows_accepted=len(fresh),
                rows_quarantined=delivery.rows_quarantined,
                rows_duplicate=len(delivery.rows) - len(fresh),
                rows_total=head.rows_total + len(fresh),
                last_id=head.last_id + len(fresh),
                end_offset=head.end_offset + len(appended),
                chain=ledger.link(head.chain, appended),
                received_by=delivery.received_by,
                received_at=self._clock(),
            )
            self._write_behind(head.end_offset, appended)
            ledger.insert(connection, entry)
        return entry

    def _head(self, connection: Connection) -> ledger.Entry:
        head = ledger.last(connection)
        if head is None:
            raise BaseDamaged(f"the ledger beside {self.base} is empty; restore satispy.sqlite3")
        return head

    def _write_behind(self, end: int, appended: bytes) -> None:
        try:
            descriptor = os.open(self.base, os.O_RDWR)
        except FileNotFoundError as error:
            raise BaseDamaged(
                f"expected the base at {self.base}, but it is gone; restore it from a backup"
            ) from error
        with os.fdopen(descriptor, "r+b") as file:
            size = file.seek(0, os.SEEK_END)
            if size < end:
                raise BaseDamaged(
                    f"expected at least {end} bytes in {self.base}, as the ledger says, but found "
                    f"{size}; restore it from a backup"
                )
            file.truncate(end)
            file.seek(end)
            file.write(appended)
            file.flush()
            os.fsync(file.fileno())

    def _begin(self) -> None:
        with self._database.reading() as connection:
            if ledger.last(connection) is not None:
                return
        with self._database.writing() as connection:
            if ledger.last(connection) is not None:
                return
            if self.base.exists():
                entry = self._adopt(connection)
            else:
                write_atomically(self.base, HEADER)
                entry = self._entry_zero("genesis", HEADER, rows=0, last_id=-1)
            ledger.insert(connection, entry)

    def _adopt(self, connection: Connection) -> ledger.Entry:
        """Take an existing base as it is, byte for byte."""
        content = self.base.read_bytes()
        try:
            parsed = parse_file(content)
            wrong = _why_not_adoptable(content, parsed.header)
            if not wrong and parsed.bad:
                bad = parsed.bad[0]
                wrong = f"line {bad.line}, {bad.column}: {bad.reason}"
        except InvalidInput as error:
            wrong = str(error)
        if wrong:
            raise BaseDamaged(
                f"{self.base} cannot be adopted as the base: {wrong}. Move it away and upload it "
                "with POST /uploadfile: its rows are then normalised and numbered."
            )
        _remember(connection, _by_identity(parsed.rows))
        last_id = max(_ids(content), default=-1)
        return self._entry_zero("adopted", content, rows=len(parsed.rows), last_id=last_id)

    def _entry_zero(self, kind: str, content: bytes, *, rows: int, last_id: int) -> ledger.Entry:
        return ledger.Entry(
            number=0,
            kind=kind,
            upload_id=None,
            filename=None,
            sha256=None,
            rows_received=rows,
            rows_accepted=rows,
            rows_quarantined=0,
            rows_duplicate=0,
            rows_total=rows,
            last_id=last_id,
            end_offset=len(content),
            chain=ledger.link(NO_CHAIN, content),
            received_by="satispy",
            received_at=self._clock(),
        )


def _refuse_known(connection: Connection, sha256: str) -> None:
    known = ledger.with_sha256(connection, sha256)
    if known is not None:
        raise DuplicateUpload(
            f"this file was accepted before, as '{known.filename}' on "
            f"{known.received_at:%Y-%m-%d %H:%M} UTC (upload {known.upload_id}); nothing was added"
        )


def _by_identity(rows: Iterable[Row]) -> dict[bytes, Row]:
    """Return each distinct row once, in order of arrival, under its identity."""
    found: dict[bytes, Row] = {}
    for row in rows:
        found.setdefault(identity(row), row)
    return found


def _remember(connection: Connection, digests: Iterable[bytes]) -> set[bytes]:
    """Record identities; return those that were known before."""
    _ARRIVING.create(connection)
    # In order, for a B-tree takes neighbours faster than strangers.
    connection.execute(insert(_ARRIVING), [{"digest": digest} for digest in sorted(digests)])
    here, there = _ARRIVING.c.digest, ledger.ROW_IDENTITY.c.digest
    known = set(connection.execute(select(here).join(ledger.ROW_IDENTITY, here == there)).scalars())
    fresh = select(here).where(~exists().where(here == there)).order_by(here)
    connection.execute(insert(ledger.ROW_IDENTITY).from_select(["digest"], fresh))
    _ARRIVING.drop(connection)
    return known


def _why_not_adoptable(content: bytes, header: tuple[str, ...]) -> str:
    if header != COLUMNS:
        return f"expected the header {','.join(COLUMNS)}, but found {','.join(header)}"
    if not content.startswith(HEADER):
        return "expected UTF-8 without byte-order mark and LF line ends"
    if not content.endswith(b"\n"):
        return "expected a line end after the last row"
    try:
        ids = _ids(content)
    except ValueError as error:
        return f"expected whole numbers in inID: {error}"
    return "" if len(set(ids)) == len(ids) else "expected each inID once"


def _ids(content: bytes) -> list[int]:
    reader = csv.reader(io.StringIO(content.decode(), newline=""))
    next(reader)
    return [int(cells[0]) for cells in reader if cells]

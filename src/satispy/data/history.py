"""What the ledger says of the past."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from satispy.core.database import Database
from satispy.core.errors import KeyReused, NotFound, VersionErased
from satispy.core.types import DatasetVersion
from satispy.data import guard, ledger, request_keys
from satispy.data.ledger import Entry, Link, Size
from satispy.data.request_keys import Placed, RequestKey


class History:
    """The ledger of one home, to read.

    Parameters
    ----------
    database
        Holds it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def current(self) -> Entry:
        """Return the newest entry: what the base is now."""
        with self._database.reading() as connection:
            return guard.head(connection)

    def first_of_generation(self, generation: int) -> int:
        """Return the number of the entry that began a generation."""
        with self._database.reading() as connection:
            return ledger.first_number(connection, generation)

    def version(self, number: int) -> Entry:
        """Return the entry that made a version.

        Raises
        ------
        NotFound
            If there is no such version.
        VersionErased
            If its bytes are gone.
        """
        with self._database.reading() as connection:
            entry, head = ledger.numbered(connection, number), guard.head(connection)
        if entry is None:
            raise NotFound(
                f"expected a dataset version from 0 to {head.number}, but received {number}"
            )
        if entry.generation != head.generation:
            raise VersionErased(
                f"dataset version {number} is gone, for the base was written anew since then; "
                "satispy data versions tells when and why"
            )
        return entry

    def chains(self, numbers: Collection[int]) -> dict[int, str]:
        """Return the chain hashes of those of these entries that exist."""
        with self._database.reading() as connection:
            return ledger.chains(connection, numbers)

    def sizes(self, first: int, last: int) -> list[Size]:
        """Return how large the base was after the entries `first` to `last`, oldest first."""
        with self._database.reading() as connection:
            return ledger.sizes(connection, first, last)

    def upload_ids(self, numbers: Collection[int]) -> dict[int, str]:
        """Return the upload ids of those of these entries that are uploads."""
        with self._database.reading() as connection:
            return ledger.upload_ids(connection, numbers)

    def rewritten_since(self, number: int) -> list[str]:
        """Return how the base was written anew after an entry; see `ledger.rewritten_since`."""
        with self._database.reading() as connection:
            return ledger.rewritten_since(connection, number)

    @contextmanager
    def links(self, entry: Entry) -> Iterator[tuple[Iterator[Link], str]]:
        """Read what the chain of a version is made of, oldest first, and the chain it follows."""
        with self._database.reading() as connection:
            before = ledger.chain_before_generation(connection, entry.generation)
            yield ledger.links(connection, entry), before

    def knows(self, version: DatasetVersion, *, generation: int | None = None) -> bool:
        """Tell whether the base was in this state once, in any generation or in this one."""
        with self._database.reading() as connection:
            entry = ledger.numbered(connection, version.number)
        if entry is None or entry.version != version:
            return False
        return generation is None or entry.generation == generation

    def answer_to(self, key: RequestKey) -> Entry | None:
        """Return the entry that a request with this key led to; `KeyReused` if it was another."""
        with self._database.reading() as connection:
            return request_keys.entry_for(connection, key)

    def placed(self, key: RequestKey) -> Placed | KeyReused | None:
        """Return where a comment with this key stands, or what refuses the key."""
        with self._database.reading() as connection:
            before = request_keys.answered(connection, [key]).get((key.sender, key.key))
        return None if before is None else before.placed(key)

    def refuse_known(self, sha256: str) -> None:
        """Raise `DuplicateUpload` if a file with this hash was accepted before."""
        with self._database.reading() as connection:
            ledger.refuse_known(connection, sha256)

    def behind(self, version: DatasetVersion) -> tuple[list[Entry], int, int]:
        """Return what a version is made of; see `ledger.behind`."""
        with self._database.reading() as connection:
            return ledger.behind(connection, version.number)

    def newest(self, limit: int, *, offset: int = 0) -> list[Entry]:
        """Return a page of the entries, newest first."""
        with self._database.reading() as connection:
            return ledger.newest(connection, limit=limit, offset=offset)

    def uploads(self, *, offset: int = 0, limit: int = 50) -> tuple[list[Entry], int]:
        """Return a page of uploads, newest first, and the number of all."""
        with self._database.reading() as connection:
            return ledger.uploads(connection, offset=offset, limit=limit)

    def upload(self, upload_id: str) -> tuple[Entry, list[str]]:
        """Return an upload, and the ids of those that corrected it, oldest first.

        Raises
        ------
        NotFound
            If there is no such upload.
        """
        with self._database.reading() as connection:
            entry = ledger.upload(connection, upload_id)
            if entry is None:
                raise NotFound(f"no upload '{upload_id[:64]}'; GET /uploads lists them")
            return entry, ledger.resubmissions(connection, upload_id)

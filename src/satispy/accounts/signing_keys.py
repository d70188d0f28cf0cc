"""The keys that sign tokens: several at once, so that a rotation ends no session.

They lie in one file, 0600. The newest signs. The earlier ones verify until every token that they
signed has expired; then they are dropped. Each process looks whether the file was replaced before
it uses a key, so a rotation is noticed at once and needs no restart.
"""

import json
import logging
import secrets
import threading
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from filelock import FileLock

from satispy.core.clock import Clock, iso
from satispy.core.errors import ArtifactDamaged
from satispy.core.files import read_json, write_atomically

log = logging.getLogger(__name__)

SECRET_BYTES = 32  # as many as HMAC with SHA-256 makes use of


@dataclass(frozen=True)
class SigningKey:
    """One key.

    Attributes
    ----------
    id
        What a token names it by; no secret.
    secret
        Random bytes; in no message and no repr.
    created_at
        When it was made.
    verifies_until
        When it is dropped; None for the one that signs.
    """

    id: str
    secret: bytes = field(repr=False)
    created_at: datetime
    verifies_until: datetime | None = None


class SigningKeys:
    """The signing keys of a home; made when first asked for.

    Parameters
    ----------
    file
        Where they lie.
    clock
        Tells which have had their time.
    longest
        How long a token lives at most, whatever is set.
    """

    def __init__(self, file: Path, clock: Clock, longest: timedelta) -> None:
        self._file = file
        self._clock = clock
        self._longest = longest
        self._reading = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._keys: tuple[SigningKey, ...] = ()

    def list(self) -> tuple[SigningKey, ...]:
        """Return the keys that count now, the one that signs first."""
        with self._reading:
            if (mark := _mark(self._file)) is None or mark != self._seen:
                self._keys = self._load() if mark is not None else self._made()
                # The mark from before reading: a file replaced meanwhile is read again.
                self._seen = mark
            now = self._clock()
            live = tuple(key for key in self._keys if not _over(key, now))
            if live != self._keys:
                self._keys = live
                self._forget()
            return live

    def current(self) -> SigningKey:
        """Return the key that signs."""
        return self.list()[0]

    def find(self, key_id: str) -> SigningKey | None:
        """Return the key of this id, or None."""
        return next((key for key in self.list() if key.id == key_id), None)

    def rotate(self, *, at_once: bool = False) -> SigningKey:
        """Make a new key, which signs from now on; return it.

        Parameters
        ----------
        at_once
            Drop the earlier ones now, which ends every session: for keys that others have seen.
        """
        now = self._clock()
        fresh = SigningKey(secrets.token_hex(4), secrets.token_bytes(SECRET_BYTES), now)
        self._write(fresh, drop=at_once)
        return fresh

    def _forget(self) -> None:
        """Take keys that had their time off the disk too."""
        try:
            self._write()
        except OSError as error:  # they verify nothing any more; the next rotation tries again
            log.warning("expired signing keys are still in %s: %s", self._file, error)

    def _made(self) -> tuple[SigningKey, ...]:
        with self._locked():
            if self._file.is_file():  # another process was first
                return self._load()
        self.rotate()
        return self._load()

    def _write(
        self, fresh: SigningKey | None = None, *, drop: bool = False
    ) -> tuple[SigningKey, ...]:
        with self._locked():
            now = self._clock()
            there = self._load() if self._file.is_file() and not drop else ()
            if fresh is not None:
                until = now + self._longest
                there = tuple(
                    replace(key, verifies_until=key.verifies_until or until) for key in there
                )
                there = (fresh, *there)
            keys = tuple(key for key in there if not _over(key, now))
            write_atomically(self._file, _text(keys), mode=0o600)
            return keys

    def _locked(self) -> FileLock:
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return FileLock(self._file.with_name(f".{self._file.name}.lock"), mode=0o600)

    def _load(self) -> tuple[SigningKey, ...]:
        try:
            keys = tuple(_read(entry) for entry in read_json(self._file)["keys"])
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactDamaged(
                f"expected signing keys in {self._file}, but they cannot be read; remove the file: "
                "a new key is made, and everybody signs in again"
            ) from error
        if not keys:
            raise ArtifactDamaged(
                f"expected a signing key in {self._file}, but there is none; remove the file: a "
                "new key is made, and everybody signs in again"
            )
        return keys


def _over(key: SigningKey, now: datetime) -> bool:
    return key.verifies_until is not None and key.verifies_until <= now


def _mark(file: Path) -> tuple[int, int] | None:
    """Return what tells one file of this name from the next: each is written once."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns


def _read(entry: dict[str, Any]) -> SigningKey:
    until = entry["verifies_until"]
    secret = bytes.fromhex(entry["secret"])
    if len(secret) < SECRET_BYTES:
        raise ValueError("a key is too short")
    return SigningKey(
        str(entry["id"]),
        secret,
        datetime.fromisoformat(entry["created_at"]),
        None if until is None else datetime.fromisoformat(until),
    )


def _text(keys: tuple[SigningKey, ...]) -> str:
    entries = [
        asdict(key)
        | {
            "secret": key.secret.hex(),
            "created_at": iso(key.created_at),
            "verifies_until": None if key.verifies_until is None else iso(key.verifies_until),
        }
        for key in keys
    ]
    return json.dumps({"keys": entries}, indent=2) + "\n"

"""Objects in a store that machines without a common disk reach: S3 and its kin, through fsspec.

Names are relative to the store's address, with slashes. An object is there whole or not at all.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from satispy.core.errors import ConfigurationError, NotFound, StoreLost

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

CLOUDS = ("s3", "gs", "az")
"""Kinds of stores that obstore speaks to, by the beginning of their address."""
ADDRESS = re.compile(r"(?:s3|gs|az|memory)://[^/@\s]+(?:/[^@\s]*)?")
"""``memory://`` lasts as long as its process: it is there for tests."""

PATIENCE = {"max_retries": 3, "retry_timeout": timedelta(seconds=15)}
"""Whoever asks comes again: a step by Airflow, the API with its next look."""
_REMEDY = "check SATISPY_STORE, its endpoint and its keys, and that the server runs"


@dataclass(frozen=True)
class StoredObject:
    """How large an object is, in bytes, and a mark that changes whenever its content does."""

    size: int
    mark: str


class ObjectStore:
    """One prefix of one bucket.

    Parameters
    ----------
    address
        ``s3://bucket/prefix``, ``gs://…`` or ``az://…``.
    options
        What else obstore is to know, as ``endpoint`` and ``access_key_id``; where something is
        left out, it looks at the usual variables (``AWS_REGION`` …) and at the machine's role.

    Raises
    ------
    ConfigurationError
        If the address is none, or the libraries are not installed.
    """

    def __init__(self, address: str, options: Mapping[str, Any] | None = None) -> None:
        if not ADDRESS.fullmatch(address):
            raise ConfigurationError(
                "expected SATISPY_STORE as s3://bucket/prefix, gs://… or az://…, without keys in it"
            )
        self.address = address.rstrip("/")
        _require_libraries()
        self._flat: Any = None
        known = dict(options or {})
        scheme = self.address.partition("://")[0]
        if scheme in CLOUDS:
            from obstore.fsspec import register
            from obstore.store import from_url

            register(scheme)
            known = {"retry_config": PATIENCE, **known}
            self._flat = from_url(self.address, **known)
        self._files, self._root = _file_system(self.address, known)

    def find(self, folder: str = "") -> dict[str, StoredObject]:
        """Return all objects below a folder, by name; none where there is no such folder."""
        with self._explained():
            if self._flat is not None:
                return self._listed(folder)
            found = self._files.find(f"{self._root}/{folder}".rstrip("/"), detail=True)
        return {
            name.removeprefix(f"{self._root}/"): _described(facts) for name, facts in found.items()
        }

    def put(self, path: Path, name: str) -> StoredObject:
        """Store a file under a name, whatever stood there; return what is there then."""
        with self._explained():
            self._files.put_file(str(path), f"{self._root}/{name}")
            return _described(self._files.info(f"{self._root}/{name}"))

    def write(self, content: bytes, name: str) -> None:
        """Store bytes under a name, whatever stood there."""
        with self._explained():
            self._files.pipe_file(f"{self._root}/{name}", content)

    def get(self, name: str, path: Path) -> None:
        """Write an object into a file.

        Raises
        ------
        NotFound
            If there is no such object, or none any more.
        """
        with self._explained():
            self._files.get_file(f"{self._root}/{name}", str(path))

    def delete(self, name: str) -> None:
        """Remove an object; that it is gone already is as good."""
        try:
            with self._explained():
                self._files.rm_file(f"{self._root}/{name}")
        except NotFound:
            return

    def _listed(self, folder: str) -> dict[str, StoredObject]:
        """List a thousand objects with one request, where fsspec asks folder by folder."""
        import obstore

        found = {
            facts["path"]: _described(facts)
            for page in obstore.list(self._flat, folder or None)
            for facts in page
        }
        if folder and not found:  # it may be an object itself
            with suppress(FileNotFoundError):
                found[folder] = _described(obstore.head(self._flat, folder))
        return found

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise NotFound(f"no such object in {self.address}: {_first_line(error)}") from error
        except _failures() as error:
            raise StoreLost(
                f"{self.address} does not do what is asked: {_first_line(error)}; {_REMEDY}"
            ) from error


def _require_libraries() -> None:
    if importlib.util.find_spec("fsspec") is None or importlib.util.find_spec("obstore") is None:
        raise ConfigurationError(
            "expected fsspec and obstore, for SATISPY_STORE is set, but they are not installed: "
            "pip install 'satispy[store]', or build the images WITH_STORE=1"
        )


def _file_system(address: str, options: Mapping[str, Any]) -> tuple[AbstractFileSystem, str]:
    import fsspec

    files, root = fsspec.url_to_fs(address, **options)
    return files, root.rstrip("/")


def _failures() -> tuple[type[Exception], ...]:
    from obstore.exceptions import BaseError

    return (BaseError, OSError)


def _described(facts: Mapping[str, Any]) -> StoredObject:
    mark = facts.get("e_tag") or facts.get("last_modified") or facts["created"]
    if isinstance(mark, datetime):  # in memory it is this or a number, as one asks
        mark = mark.timestamp()
    return StoredObject(int(facts["size"]), str(mark))


def _first_line(error: BaseException) -> str:
    """Return what obstore says before it shows its own innards; keys are never among it."""
    return str(error).strip().partition("\n")[0]

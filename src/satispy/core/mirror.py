"""Folders of a home that other homes share through an object store: what changed goes both ways.

What each file was when it was last the same on both sides stands in a file of the home. Compared
with it, a file that differs here is put, one that differs there is fetched, one that is gone on
either side goes on the other. Files that were written last are put last, and those that close a
folder (a manifest, a card) are fetched last and removed first: whoever looks for them finds the
rest.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from satispy.core.errors import NotFound
from satispy.core.files import beside, disk_explained, read_json, write_json
from satispy.core.object_store import ObjectStore

CLOSING = {
    name: place
    for place, name in enumerate(
        ("manifest.json", "card.json", "training.json", "job.json", "current.json"), start=1
    )
}
"""Files without which what lies beside them is not looked at, in the order of their fetching."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Known:
    """A file when both sides were the same: the object's mark; size and time of change here."""

    mark: str
    size: int
    changed_ns: int

    def is_of(self, found: os.stat_result | None) -> bool:
        return found is not None and (found.st_size, found.st_mtime_ns) == (
            self.size,
            self.changed_ns,
        )


class Mirror:
    """The shared folders of one home.

    Parameters
    ----------
    home
        The folder that names in the store are relative to.
    store
        Where the other homes find them.
    state
        File in which is kept what both sides were; the mirrors of one home share it.
    """

    def __init__(self, home: Path, store: ObjectStore, state: Path) -> None:
        self._home = home
        self._store = store
        self._state = state

    def fetch(self, folders: Sequence[str]) -> int:
        """Bring here what changed there; return how many files that were.

        Parameters
        ----------
        folders
            In the order in which they are fetched: what others point to comes first. A file may
            stand for a folder of its own.

        Raises
        ------
        StoreLost
            If the store does not answer. What was fetched until then stays.
        StorageFull
            If there is no room here.
        """
        return self._both(folders, there=True, here=False)

    def put(self, folders: Sequence[str]) -> int:
        """Bring there what changed here; see `fetch`."""
        return self._both(folders, there=False, here=True)

    def follow(self, folders: Sequence[str]) -> int:
        """Do both; see `fetch`."""
        return self._both(folders, there=True, here=True)

    def _both(self, folders: Sequence[str], *, there: bool, here: bool) -> int:
        self._state.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self._state.with_name(f"{self._state.name}.lock"), mode=0o600):
            known = self._read()
            before, moved = dict(known), 0
            try:
                for folder in folders:
                    moved += self._fetch(folder, known) if there else 0
                    moved += self._put(folder, known) if here else 0
            finally:
                if known != before:
                    self._write(known)
        return moved

    def _fetch(self, folder: str, known: dict[str, _Known]) -> int:
        found, moved = self._store.find(folder), 0
        gone = {name for name in _below(folder, known) if name not in found}
        for name in sorted(gone, key=_closing_first):
            if known.pop(name).is_of(_stat(self._home / name)):
                (self._home / name).unlink()
                self._forget_empty((self._home / name).parent, folder)
                moved += 1
        for name, there in sorted(found.items(), key=lambda each: _closing_last(each[0])):
            path, last = self._home / name, known.get(name)
            here = _stat(path)
            if last is not None and last.mark == there.mark:
                continue  # what is different here, or gone, is for `put`
            if here is not None and last is not None and not last.is_of(here):
                log.warning("%s was changed on both sides: that of the store replaces ours", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            aside = beside(path)
            try:
                with disk_explained(path):
                    self._store.get(name, aside)
                    aside.replace(path)
            except NotFound:  # it went while we looked; the next look finds it gone
                continue
            finally:
                aside.unlink(missing_ok=True)
            known[name] = _known(there.mark, path.stat())
            moved += 1
        return moved

    def _put(self, folder: str, known: dict[str, _Known]) -> int:
        found = self._files(folder)
        moved = 0
        for name in sorted(_below(folder, known), key=_closing_first):
            if name not in found:
                self._store.delete(name)
                del known[name]
                moved += 1
        for name, here in sorted(found.items(), key=lambda each: (each[1].st_mtime_ns, each[0])):
            last = known.get(name)
            if last is not None and last.is_of(here):
                continue
            there = self._store.put(self._home / name, name)
            known[name] = _known(there.mark, here)
            moved += 1
        return moved

    def _files(self, folder: str) -> dict[str, os.stat_result]:
        """Return the files of a folder that have their final names."""
        top = self._home / folder
        paths = [top] if top.is_file() else top.rglob("*")
        names = (path.relative_to(self._home) for path in paths)
        seen = ((name, _stat(self._home / name)) for name in names if not _is_hidden(name))
        return {name.as_posix(): stat for name, stat in seen if stat is not None}

    def _forget_empty(self, folder: Path, top: str) -> None:
        while folder != self._home / top and folder.is_relative_to(self._home / top):
            if any(folder.iterdir()):
                return
            folder.rmdir()
            folder = folder.parent

    def _read(self) -> dict[str, _Known]:
        if not self._state.is_file():
            return {}
        found = read_json(self._state)
        if found["store"] != self._store.address:
            log.warning("%s was of %s: all is compared anew", self._state, found["store"])
            return {}
        return {name: _Known(*facts) for name, facts in found["files"].items()}

    def _write(self, known: dict[str, _Known]) -> None:
        files = {name: [one.mark, one.size, one.changed_ns] for name, one in sorted(known.items())}
        write_json(self._state, {"store": self._store.address, "files": files}, mode=0o600)


def _below(folder: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name == folder or name.startswith(f"{folder}/")]


def _is_hidden(name: Path) -> bool:
    return any(part.startswith(".") for part in name.parts)


def _closing_last(name: str) -> tuple[int, str]:
    return CLOSING.get(name.rpartition("/")[2], 0), name


def _closing_first(name: str) -> tuple[int, str]:
    return -CLOSING.get(name.rpartition("/")[2], 0), name


def _stat(path: Path) -> os.stat_result | None:
    """Return what there is of a file; None for a folder, and for what went meanwhile."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return None if path.is_dir() else found


def _known(mark: str, here: os.stat_result) -> _Known:
    return _Known(mark, here.st_size, here.st_mtime_ns)

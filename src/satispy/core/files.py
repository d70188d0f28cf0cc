"""Files that are there whole or not at all."""

import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from satispy.core.errors import ArtifactDamaged, NotReady, StorageFull

CHUNK = 1 << 20
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_BESIDE = re.compile(r"\..+\.[0-9]+\.[0-9a-f]{8}")


def sha256_of(path: Path) -> str:
    """Return the hexadecimal sha256 of a file, read in 1 MiB pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable (POSIX: fsync of the directory)."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def private_folder(folder: Path) -> Path:
    """Make a folder, or close one, so that its owner alone may look into it; return it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)
    return folder


def write_atomically(path: Path, content: bytes | str, *, mode: int = 0o644) -> None:
    """Replace a file: a reader sees the old content or the new, never a part.

    Parameters
    ----------
    path
        Where the content goes; its folder is made when missing.
    content
        Bytes, or text that is written as UTF-8.
    mode
        Permissions of the new file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = beside(path)
    data = content.encode() if isinstance(content, str) else content
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:  # whatever stops us, the temporary file goes; the error goes on
        aside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_json(path: Path, value: Any, *, mode: int = 0o644) -> None:
    """Write a value as indented JSON, atomically; NaN is refused, for JSON has none."""
    text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
    write_atomically(path, text + "\n", mode=mode)


def read_json(path: Path) -> Any:
    """Read a JSON file that we wrote.

    Raises
    ------
    ArtifactDamaged
        If the file is there but is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ArtifactDamaged(
            f"expected JSON in {path}, but it cannot be parsed: {error}. "
            "Restore the file from a backup or remove its folder."
        ) from error


@contextmanager
def folder_written_once(target: Path) -> Iterator[Path]:
    """Fill a temporary folder, then rename it to `target`; on failure nothing remains.

    Raises
    ------
    FileExistsError
        If `target` is there already: an artifact is never written over.
    """
    if target.exists():
        raise FileExistsError(f"{target} is written already; artifacts are written once")
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = beside(target)
    aside.mkdir()
    try:
        yield aside
        for path in aside.rglob("*"):
            if path.is_dir():
                sync_folder(path)
            else:
                with path.open("rb") as file:
                    os.fsync(file.fileno())
        sync_folder(aside)
        aside.rename(target)
    except BaseException:  # whatever stops us, the half-filled folder goes; the error goes on
        shutil.rmtree(aside, ignore_errors=True)
        raise
    sync_folder(target.parent)


@contextmanager
def disk_explained(path: Path) -> Iterator[None]:
    """Turn what an operator can mend about a disk into errors that say so.

    Raises
    ------
    StorageFull
        If there is no room for `path`, or a quota is reached.
    NotReady
        If this user may not write it, or nobody may.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull(
                f"expected room for {path}, but: {error.strerror}; nothing was added. Free some "
                "space and send it again."
            ) from error
        if error.errno in _FORBIDDEN:
            place = error.filename or path
            raise NotReady(
                f"expected to be allowed to write {place}, but: {error.strerror}; give it to the "
                f"user that Satispy runs as (uid {os.getuid()}): chown"
            ) from error
        raise


def sweep_leftovers(folder: Path, now: datetime, *, older_than: timedelta) -> list[Path]:
    """Remove the temporary files and folders that a killed process left in a folder.

    Parameters
    ----------
    folder
        Where `write_atomically` or `folder_written_once` wrote; it need not be there.
    now
        The current time, aware.
    older_than
        Longer than any writing takes: what is younger may still be written to.

    Returns
    -------
    list of Path
        What was removed.
    """
    removed = []
    for path in sorted(folder.glob(".*")):
        try:
            age = now.timestamp() - path.lstat().st_mtime
        except FileNotFoundError:  # whoever wrote it has just given it its name
            continue
        if _BESIDE.fullmatch(path.name) and age > older_than.total_seconds():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
            removed.append(path)
    return removed


def beside(path: Path) -> Path:
    """Return a name in the same folder that nobody else takes; `sweep_leftovers` knows it."""
    return path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")

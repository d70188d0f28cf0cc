"""Trained models on disk: one folder per run and family, written once, checked by its manifest."""

import hashlib
import re
import shutil
from pathlib import Path
from typing import Any

from satispy.core.errors import ArtifactDamaged, NotFound
from satispy.core.files import folder_written_once, read_json, sha256_of, write_json

MANIFEST = "manifest.json"
FORMAT = 1
_NAME = re.compile(r"\w[\w.-]*", re.ASCII)  # no path leads out of the folder


def run_name(stamp: str, family: str) -> str:
    """Return the name of a run's folder: ``<UTC stamp>-<family>``."""
    return f"{stamp}-{family}"


def seal(candidate: Path, runs: Path, name: str, facts: dict[str, Any]) -> Path:
    """Copy a finished candidate into the runs and close it with a manifest.

    Parameters
    ----------
    candidate
        Folder with the model's files.
    runs
        ``clean_model/runs``.
    name
        Name of the new folder; if it is there already and whole, it is returned as it is.
    facts
        What the manifest says besides the hashes: data and vectors version, seed, libraries.

    Returns
    -------
    Path
        The run's folder.
    """
    target = runs / name
    if target.exists():
        check(target)
        return target
    with folder_written_once(target) as folder:
        for path in sorted(candidate.iterdir()):
            shutil.copyfile(path, folder / path.name)
        hashes = {path.name: sha256_of(path) for path in sorted(folder.iterdir())}
        write_json(folder / MANIFEST, {"format": FORMAT, "run": name, **facts, "files": hashes})
    return target


def manifest_of(runs: Path, name: str) -> dict[str, Any]:
    """Return what the manifest of a run says.

    Raises
    ------
    NotFound
        If there is no such run.
    ArtifactDamaged
        If the file is no manifest.
    """
    path = runs / name / MANIFEST
    if not _NAME.fullmatch(name) or not path.is_file():
        raise NotFound(f"no run '{name}' in {runs}")
    manifest = read_json(path)
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise ArtifactDamaged(f"expected a manifest in {path}, but it names no files; retrain")
    return manifest


def sealed_file(runs: Path, name: str, file: str) -> bytes:
    """Return a file of a run, as it was sealed.

    Raises
    ------
    NotFound
        If there is no such run, or it never had such a file.
    ArtifactDamaged
        If the file is gone or is not the one that was sealed.
    """
    expected = manifest_of(runs, name)["files"].get(file)
    if expected is None:
        raise NotFound(f"no {file} in the run '{name}'")
    path = runs / name / file
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != expected:
        raise ArtifactDamaged(
            f"{path} is not the file that the manifest of its run names; "
            "restore the folder from a backup, or retrain"
        )
    return content


def names(runs: Path) -> list[str]:
    """Return the names of all runs, oldest first."""
    return sorted(path.parent.name for path in runs.glob(f"[!.]*/{MANIFEST}"))


def check(folder: Path) -> dict[str, Any]:
    """Compare a run's folder with its manifest; return the manifest.

    Raises
    ------
    ArtifactDamaged
        If a file is missing, added or changed, or the format is not ours.
    """
    manifest = manifest_of(folder.parent, folder.name)
    if manifest.get("format") != FORMAT:
        raise ArtifactDamaged(
            f"expected format {FORMAT} in {folder / MANIFEST}, but found {manifest.get('format')}; "
            "another version of Satispy wrote it: use that one, or run the DAG retrain_reviews"
        )
    found = {
        path.name: sha256_of(path) if path.is_file() else "not a file"
        for path in sorted(folder.iterdir())
        if path.name != MANIFEST
    }
    if found != manifest["files"]:
        names = found.keys() | manifest["files"].keys()
        wrong = sorted(name for name in names if found.get(name) != manifest["files"].get(name))
        raise ArtifactDamaged(
            f"{folder} disagrees with its manifest in {', '.join(wrong)}; "
            "restore the folder from a backup, or retrain"
        )
    return manifest


def last_training(runs: Path, family: str, fact: str) -> tuple[str, dict[str, Any]] | None:
    """Return the newest run of a family whose ``training.json`` tells a fact, and all it tells.

    Raises
    ------
    ArtifactDamaged, OSError
        If the file of a newer run cannot be read.
    """
    for name in reversed(names(runs)):
        if name.endswith(f"-{family}"):
            facts: dict[str, Any] = read_json(runs / name / "training.json")
            if fact in facts:
                return name, facts
    return None

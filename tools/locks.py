#!/usr/bin/env python3
"""Make requirements/*.txt from requirements/*.in: `make lock`; take newer versions: `make upgrade`.

`make lock` keeps each version that still fits. `make upgrade` takes the newest that the .in files
allow, in a copy of the tree; builds the environments and runs all tests there; and touches the tree
itself only where they passed. Both print what moved.

Only the standard library is used; uv, which resolves, has an environment of its own.
"""

import argparse
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UV = ROOT / ".venv-tools" / "bin" / "uv"
COPY = ROOT / "var" / "upgrade"
LICENCES = "docs/licences.md"  # make sbom writes it, from the new locks
OLDEST_PYTHON, IMAGE_PYTHON = "3.11", "3.12"

Versions = dict[str, str]


@dataclass(frozen=True)
class Lock:
    """One lock: which Python it begins with, and whose versions it takes."""

    name: str
    python: str = OLDEST_PYTHON
    constrained: bool = False
    """By platform.txt; for parts whose .in does not say so itself."""
    follows: str = ""
    """A lock whose versions are kept as far as they fit."""


LOCKS = (
    # In this order: a lock comes after those whose versions it takes.
    Lock("tools"),
    Lock("platform"),
    Lock("dev"),
    Lock("airflow"),
    Lock("airflow-dev"),
    Lock("mlflow"),
    Lock("dvc"),
    Lock("audit"),
    Lock("release"),
    Lock("moto"),
    Lock("api", constrained=True),
    Lock("page", constrained=True),
    Lock("store", constrained=True),
    Lock("trainer", constrained=True),
    Lock("trainer-gpu", constrained=True),
    Lock("airflow-image", IMAGE_PYTHON, follows="airflow"),
)


def main(arguments: list[str]) -> int:
    """Make the locks, or upgrade them; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--upgrade", action="store_true", help="take the newest allowed versions")
    parser.add_argument("--dry-run", action="store_true", help="say what would move; touch nothing")
    parser.add_argument("--uv", type=Path, default=UV, help="the uv that resolves")
    parser.add_argument("--root", type=Path, default=ROOT, help="the tree whose locks are made")
    parser.add_argument("--copy", type=Path, default=COPY, help="where an upgrade is tried")
    parser.add_argument(
        "--test", default="make sbom test", help="the command that an upgrade must pass"
    )
    options = parser.parse_args(arguments)
    if not (options.upgrade or options.dry_run):
        before = versions_of_all(options.root)
        resolve(options.root, options.uv, upgrade=False)
        say_what_moved(before, versions_of_all(options.root))
        return 0
    copy_tree(options.root, options.copy)
    resolve(options.copy, options.uv, upgrade=options.upgrade)
    if not say_what_moved(versions_of_all(options.root), versions_of_all(options.copy)):
        return 0
    if options.dry_run:
        print("nothing was touched; the locks that were made lie in", options.copy / "requirements")
        return 0
    print(f"testing with these versions, in {options.copy}: {options.test}", flush=True)
    status = subprocess.call(options.test.split(), cwd=options.copy)
    if status != 0:
        print(f"the tests failed (status {status}): no lock was touched", file=sys.stderr)
        return 1
    for lock in LOCKS:
        made = options.copy / "requirements" / f"{lock.name}.txt"
        shutil.copyfile(made, options.root / "requirements" / made.name)
    if (options.copy / LICENCES).exists():
        shutil.copyfile(options.copy / LICENCES, options.root / LICENCES)
    print("the tests passed: the locks are the new ones; look at them with git diff --stat")
    return 0


def copy_tree(root: Path, copy: Path) -> None:
    """Copy what git knows, or would take; environments that stand there from last time are kept."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    names = [name for name in listed.stdout.split("\0") if name and (root / name).is_file()]
    if copy.exists():
        for left in copy.iterdir():
            if left.is_dir() and not left.name.startswith(".venv"):
                shutil.rmtree(left)
            elif not left.is_dir():
                left.unlink()
    for name in names:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, copy / name)


def resolve(root: Path, uv: Path, *, upgrade: bool) -> None:
    """Make every lock of a tree anew; stop at the first that cannot be made."""
    for lock in LOCKS:
        target = root / "requirements" / f"{lock.name}.txt"
        if lock.follows:
            # uv keeps the versions that stand in the file that it writes.
            leader = versions(target.with_name(f"{lock.follows}.txt").read_text("utf-8"))
            stood = {} if upgrade or not target.exists() else versions(target.read_text("utf-8"))
            kept = followed(leader, stood)
            pins = "".join(f"{name}=={version}\n" for name, version in kept.items())
            target.write_text(pins, encoding="utf-8")
        command = [uv, "pip", "compile", "--universal", "--python-version", lock.python]
        command += ["--generate-hashes", "--quiet"]
        command += ["--upgrade"] if upgrade and not lock.follows else []
        command += [f"requirements/{lock.name}.in"]
        command += ["-c", "requirements/platform.txt"] if lock.constrained else []
        subprocess.run([*command, "-o", f"requirements/{lock.name}.txt"], cwd=root, check=True)


def followed(leader: Versions, kept: Versions) -> Versions:
    """Return the leader's versions, and what is kept where it has none or several."""
    found = dict(kept)
    for name, several in leader.items():
        choice = several.split("/")
        found[name] = kept[name] if kept.get(name) in choice else choice[-1]
    return found


def versions(lock: str) -> Versions:
    """Return what a lock pins; "2.5.5/2.4.6" where that hangs on the Python version."""
    found: dict[str, list[str]] = {}
    for name, version in re.findall(
        r"^([a-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;\\]+)", lock, re.MULTILINE
    ):
        found.setdefault(name, []).append(version)
    return {name: "/".join(sorted(set(several))) for name, several in found.items()}


def versions_of_all(root: Path) -> dict[str, Versions]:
    """Return what each lock of a tree pins."""
    paths = [root / "requirements" / f"{lock.name}.txt" for lock in LOCKS]
    return {path.stem: versions(path.read_text("utf-8")) for path in paths if path.exists()}


def moved(before: dict[str, Versions], after: dict[str, Versions]) -> dict[str, list[str]]:
    """Return each change ("numpy 2.5.5 -> 2.6.0") with the locks that it stands in."""
    changes: dict[str, list[str]] = {}
    for lock, now in after.items():
        then = before.get(lock, {})
        for name in sorted({*then, *now}):
            if then.get(name) != now.get(name):
                change = f"{name} {then.get(name, '(none)')} -> {now.get(name, '(none)')}"
                changes.setdefault(change, []).append(lock)
    return dict(sorted(changes.items()))


def say_what_moved(before: dict[str, Versions], after: dict[str, Versions]) -> bool:
    """Print the difference; return whether there is one."""
    changes = moved(before, after)
    for change, locks in changes.items():
        print(f"{change}   [{' '.join(locks)}]")
    print(f"{len(changes)} changes of versions in {len(after)} locks")
    return bool(changes)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except subprocess.CalledProcessError as failed:
        sys.exit(f"locks: this failed: {' '.join(map(str, failed.cmd))}")

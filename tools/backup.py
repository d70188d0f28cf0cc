#!/usr/bin/env python3
"""Copy a platform of `make prod` while it works; put a copy back: `make backup`, `make restore`.

Why a copy made beside writers is whole: the row of the ledger is the commit of an upload, and
readers stop where it says. So the database is copied first, and the base after it: bytes that came
in between lie beyond the last row, and the next writer cuts them off. Of the models, what serves is
copied before the runs, which are written once: a pointer never leads to a run that is not there.
Only the erasure of reviews writes the base anew; a copy that it came across fails its check.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HERE = ("docker", "compose")
AIRFLOW = ("docker", "compose", "--file", "airflow/docker-compose.yml")
WRITERS = ("api", "api-replica", "page")
WORKERS = ("worker", "worker-store", "worker-gpu", "mlflow-sync")  # of any profile
ORCHESTRATOR = ("airflow-scheduler", "airflow-dag-processor", "airflow-api-server")
CHANGED = b"file changed as we read it"
DATABASES = {
    "satispy.dump": (HERE, "database", "satispy"),
    "airflow.dump": (AIRFLOW, "airflow-database", "airflow"),
}
FOLDERS = {
    "clean_data.tar": ("/data/clean_data", ()),
    "serving.tar": ("/data/clean_model/serving", ()),
    "clean_model.tar": ("/data/clean_model", ("./serving", "./jobs")),
    "secrets.tar": ("/data/secrets", ()),
}
"""Folder and what of it is left out, in the order in which they are copied."""
CONTENT = """
[ -d {folder} ] || exec tar --create --files-from /dev/null
cd {folder}
find . -mindepth 1 -maxdepth 1 -print0 | tar --create --null {left_out} --files-from -
"""
"""What lies in a folder, and not the folder: a volume's own entry is not ours to change."""
MANIFEST = "backup.json"


def main() -> int:
    """Copy, or put back."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--to", type=Path, help="folder to make the copy in; it must be new")
    parser.add_argument("--restore", type=Path, help="folder of a copy to put back")
    parser.add_argument("--replace", action="store_true", help="yes, what is there now goes")
    options = parser.parse_args()
    if options.restore is None:
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        return backup(options.to or ROOT / "var" / "backups" / stamp)
    if not options.replace:
        return refuse(
            "a copy takes the place of all that is there now, reviews, accounts and models; say "
            "so: make restore FROM=folder REPLACE=1"
        )
    return restore(options.restore)


def backup(folder: Path) -> int:
    """Copy everything into a new folder, for its owner's eyes alone."""
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        return refuse(f"expected a folder that is not there yet, but {folder} is")
    os.umask(0o077)
    for name, (compose, service, database) in DATABASES.items():
        words = ("pg_dump", "--username", database, "--format", "custom", database)
        keep(folder / name, (*compose, "exec", "-T", service, *words))
    for name, (source, excluded) in FOLDERS.items():
        left_out = " ".join(f"--exclude={one}" for one in excluded)
        command = ("sh", "-euc", CONTENT.format(folder=source, left_out=left_out))
        keep(folder / name, (*HERE, "exec", "-T", "api", *command), growing=True)
    sums = {path.name: sha256_of(path) for path in sorted(folder.iterdir())}
    told = {"made": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "sha256": sums}
    (folder / MANIFEST).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    size = sum(path.stat().st_size for path in folder.iterdir())
    print(f"{len(sums)} files, {size / 1e6:.1f} MB, in {folder}; it holds keys: keep it private")
    return 0


def restore(folder: Path) -> int:
    """Put a copy in the place of what is there, and have it checked."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return refuse(f"expected {MANIFEST} in {folder}, for a copy that is whole has one")
    for name, expected in json.loads(manifest.read_text(encoding="utf-8"))["sha256"].items():
        if sha256_of(folder / name) != expected:
            return refuse(f"{folder / name} is not as it was written; take another copy")
    run((*AIRFLOW, "stop", *WORKERS, *ORCHESTRATOR))
    run((*HERE, "stop", *WRITERS))
    run((*HERE, "up", "--detach", "--wait", "database"))
    run((*AIRFLOW, "up", "--detach", "--wait", "airflow-database"))
    for name, (compose, service, database) in DATABASES.items():
        put = ("pg_restore", "--username", database, "--dbname", database, "--clean")
        put = (*put, "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error")
        run((*compose, "exec", "-T", service, *put), folder / name)
    once = (*HERE, "run", "--rm", "--no-deps", "-T", "prepare")
    emptied = "find /data/clean_data /data/clean_model /data/secrets -mindepth 1 -delete"
    run((*once, "sh", "-c", f"mkdir -p /data/secrets && {emptied}"))
    for name, (into, _) in FOLDERS.items():
        unpack = f"mkdir -p {into} && tar --extract --directory {into}"
        run((*once, "sh", "-euc", unpack), folder / name)
    run((*once, "satispy", "data", "verify"))
    print("the copy is in place, and checked; now: make prod")
    return 0


def keep(path: Path, command: tuple[str, ...], *, growing: bool = False) -> None:
    """Write what a command gives into a file; where the source grows meanwhile, tar says 1."""
    with path.open("wb") as file:
        done = subprocess.run(command, cwd=ROOT, stdout=file, stderr=subprocess.PIPE, check=False)
    told = [line for line in done.stderr.splitlines() if CHANGED not in line]
    if done.returncode != 0 and not (growing and done.returncode == 1 and not told):
        sys.exit(refuse(f"{' '.join(command)} failed: {done.stderr.decode(errors='replace')}"))


def run(command: tuple[str, ...], source: Path | None = None) -> None:
    """Run a step; leave with what it says where it fails."""
    with (source or Path(os.devnull)).open("rb") as given:
        done = subprocess.run(command, cwd=ROOT, stdin=given, check=False)
    if done.returncode != 0:
        sys.exit(refuse(f"the step above failed: {' '.join(command)}"))


def sha256_of(path: Path) -> str:
    """Return the hexadecimal sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def refuse(complaint: str) -> int:
    """Print what is wrong; return the exit status for it."""
    print(f"satispy: {complaint}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())

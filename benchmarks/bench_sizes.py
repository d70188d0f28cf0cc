"""How much disk it takes to run Satispy: both environments, and the source.

Usage: ``python benchmarks/bench_sizes.py [--json PATH]`` after ``make env``. Counts the blocks that
files take, each file once however many names it has.
"""

import argparse
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from common import heading

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = (".venv", ".venv-airflow")
BLOCK = 512  # bytes, by POSIX


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, help="also write the results here")
    options = parser.parse_args()
    about = heading()
    if missing := [name for name in ENVIRONMENTS if not (ROOT / name).is_dir()]:
        parser.error(f"expected both environments, but {', '.join(missing)} is missing: make env")
    sizes = {name: taken([ROOT / name]) for name in ENVIRONMENTS}
    together = taken([ROOT / name for name in ENVIRONMENTS])
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True)
    names = [name for name in tracked.stdout.decode().split("\0") if name]
    source = sum((ROOT / name).stat().st_size for name in names)
    for name, size in sizes.items():
        print(f"{name}: {size / 1e9:.2f} GB")
    print(f"both, what they share counted once: {together / 1e9:.2f} GB")
    print(f"{len(names)} files of source: {source / 1e6:.1f} MB")
    if options.json:
        found = {
            **about,
            "date": f"{datetime.now(UTC):%Y-%m-%d}",
            "figures": {
                "size-environments": round(together / 1e9, 2),
                "size-repository": round(source / 1e6, 1),
            },
        }
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def taken(folders: list[Path]) -> int:
    """Return the bytes that the files below take on disk."""
    blocks: dict[tuple[int, int], int] = {}
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                found = path.stat()
                blocks[found.st_dev, found.st_ino] = found.st_blocks
    return BLOCK * sum(blocks.values())


if __name__ == "__main__":
    main()

"""Where the tour plays: a home of its own, emptied first, and never anybody's data."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from satispy.core.errors import InvalidInput, StackError
from satispy.core.settings import Settings, repository
from satispy.stack.state import LOCK

MARKER = ".satispy-demo"
BASE = "data_MAJ.csv"
_NUMBER = re.compile(r"(\d+)")


def demo_settings(settings: Settings, environment: Mapping[str, str]) -> Settings:
    """Return the settings with the demo's home, unless one was named with ``SATISPY_HOME``."""
    if environment.get("SATISPY_HOME"):
        return settings
    return settings.model_copy(update={"home": repository() / "var" / "demo"})


def require_demo_home(home: Path) -> None:
    """Refuse a folder that holds something that no demo wrote; it is left as it is.

    Raises
    ------
    StackError
        Saying what to do instead.
    """
    if home.exists() and not home.is_dir():
        raise StackError(f"expected a folder for the demo at {home}, but a file is there")
    if home.is_dir() and any(home.iterdir()) and not (home / MARKER).is_file():
        raise StackError(
            f"the demo empties its home first, but {home} holds something that no demo wrote "
            f"(there is no {MARKER} in it). Unset SATISPY_HOME, or name a new or empty folder."
        )
    home.mkdir(parents=True, exist_ok=True)
    (home / MARKER).write_text(
        "A demo of Satispy lives in this folder; the next one empties it.\n", encoding="utf-8"
    )


def empty_demo_home(home: Path) -> None:
    """Remove what the last demo left; to be called while holding the home, whose lock stays."""
    kept = {home / MARKER, home / "run"}
    for path in [*home.iterdir(), *(home / "run").iterdir()]:
        if path in kept or path.name == LOCK:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def natural(name: str) -> list[tuple[int, int, str]]:
    """Return a sort key that puts ``avis_2`` before ``avis_10``."""
    return [
        (0, int(part), "") if part.isdigit() else (1, 0, part.casefold())
        for part in _NUMBER.split(name)
        if part
    ]


def review_files(folder: Path, home: Path) -> list[Path]:
    """Return the CSV files of a folder in the order in which the tour plays them.

    Raises
    ------
    InvalidInput
        If there is no such folder, no ``data_MAJ.csv`` in it to begin with, or it stands in the
        demo's own home, which is emptied.
    """
    if folder.resolve().is_relative_to(home.resolve()):
        raise InvalidInput(
            f"the demo empties {home} first, and {folder} stands in it; copy the files elsewhere"
        )
    if not folder.is_dir():
        raise InvalidInput(f"expected a folder of reviews, but {folder} is none")
    base = folder / BASE
    if not base.is_file():
        raise InvalidInput(
            f"expected {BASE} in {folder}, for the tour begins with it, but found "
            f"{', '.join(sorted(path.name for path in folder.iterdir())) or 'an empty folder'}"
        )
    others = [path for path in folder.glob("*.csv") if path.name != BASE]
    return [base, *sorted(others, key=lambda path: natural(path.name))]

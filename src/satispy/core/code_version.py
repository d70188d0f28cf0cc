"""Which code runs: the version of the package and, in a checkout, the commit."""

import os
import subprocess
from pathlib import Path
from typing import TypedDict

import satispy

SECONDS = 5


class CodeVersion(TypedDict):
    """What made a run.

    Attributes
    ----------
    satispy
        Version of the package.
    commit
        Hexadecimal, of the checkout that the package lies in; None where there is none, or no git.
    changed
        Whether the package differed from that commit, files not yet added included.
    """

    satispy: str
    commit: str | None
    changed: bool | None


def code_version(package: Path = Path(satispy.__file__).parent) -> CodeVersion:
    """Return the version of the code in this folder; git is asked at each call, never at import.

    A package that was installed *into* a checkout, in its ``.venv`` say, is not that checkout's:
    only one whose files git tracks has a commit.
    """
    found: CodeVersion = {"satispy": satispy.__version__, "commit": None, "changed": None}
    if _git(package, "ls-files", "--error-unmatch", "__init__.py") is None:
        return found
    found["commit"] = _git(package, "rev-parse", "HEAD") or None
    status = _git(package, "status", "--porcelain", "--", ".")
    found["changed"] = None if status is None else status != ""
    return found


def _git(folder: Path, *words: str) -> str | None:
    """Return what git says, or None where it is not there, fails or takes too long."""
    # A hook of git tells its children which repository to work on; here the folder says it.
    ours = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(
            ["git", "--no-optional-locks", "-C", folder, *words],
            capture_output=True,
            text=True,
            check=False,
            env=ours,
            timeout=SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() if done.returncode == 0 else None

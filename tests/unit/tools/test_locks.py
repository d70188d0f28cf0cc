"""An upgrade that fails a test touches nothing; what moved is said, lock by lock."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tool_module import load

LOCKS, followed, moved, versions = (
    getattr(load("locks"), name) for name in ("LOCKS", "followed", "moved", "versions")
)
ROOT = Path(__file__).resolve().parents[3]
PROGRAM = ROOT / "tools" / "locks.py"
UV = """#!{python}
import pathlib, sys
words = sys.argv[1:]
target = pathlib.Path(words[words.index("-o") + 1])
newest = "--upgrade" in words
stood = target.read_text() if target.exists() else ""
version = "2.0" if newest or "==" not in stood else stood.partition("==")[2].split()[0]
pathlib.Path("asked").open("a").write(" ".join(words) + "\\n")
target.write_text(f"numpy=={{version}} \\\\\\n    --hash=sha256:00\\n")
"""


@pytest.fixture
def tree(tmp_path):
    """A tree whose locks all have numpy 1.0, with a uv that knows of 2.0."""
    root = tmp_path / "tree"
    (root / "requirements").mkdir(parents=True)
    for lock in LOCKS:
        (root / "requirements" / f"{lock.name}.in").write_text("numpy\n")
        (root / "requirements" / f"{lock.name}.txt").write_text("numpy==1.0 \\\n    --hash=x\n")
    subprocess.run(["git", "init", "-q", root], check=True)
    uv = tmp_path / "uv"
    uv.write_text(UV.format(python=sys.executable))
    uv.chmod(0o755)
    return root


def run(tree, *arguments):
    return subprocess.run(
        [
            *(sys.executable, PROGRAM, "--root", tree, "--uv", tree.parent / "uv"),
            *("--copy", tree.parent / "copy", *arguments),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )


def standing(tree):
    return {versions(path.read_text())["numpy"] for path in (tree / "requirements").glob("*.txt")}


def test_an_upgrade_whose_tests_fail_touches_nothing(tree):
    done = run(tree, "--upgrade", "--test", "false")
    assert done.returncode == 1
    assert "no lock was touched" in done.stderr
    assert standing(tree) == {"1.0"}


def test_an_upgrade_whose_tests_pass_is_taken_and_said(tree):
    """The tests run in the copy, with the new locks in place."""
    done = run(tree, "--upgrade", "--test", "grep -q numpy==2.0 requirements/platform.txt")
    assert done.returncode == 0, done.stderr
    assert "numpy 1.0 -> 2.0   [tools platform" in done.stdout
    assert standing(tree) == {"2.0"}


def test_to_ask_what_would_move_touches_and_tests_nothing(tree):
    done = run(tree, "--upgrade", "--dry-run", "--test", "false")
    assert (done.returncode, standing(tree)) == (0, {"1.0"})
    assert "numpy 1.0 -> 2.0" in done.stdout


def test_make_lock_keeps_what_stands(tree):
    done = run(tree)
    assert (done.returncode, standing(tree)) == (0, {"1.0"})
    assert "0 changes of versions" in done.stdout
    assert "--upgrade" not in (tree / "asked").read_text()


def test_environments_of_the_last_try_are_kept_and_former_files_are_not(tree):
    for left in (".venv/python", "src/former.py"):
        (tree.parent / "copy" / left).parent.mkdir(parents=True)
        (tree.parent / "copy" / left).touch()
    run(tree, "--upgrade", "--dry-run")
    assert (tree.parent / "copy" / ".venv" / "python").exists()
    assert not (tree.parent / "copy" / "src").exists()


def test_a_lock_that_cannot_be_made_is_named(tree):
    (tree.parent / "uv").write_text("#!/bin/sh\nexit 2\n")
    done = run(tree)
    assert done.returncode == 1
    assert "requirements/tools.in" in done.stderr


def test_what_moved_is_told_once_with_its_locks():
    before = {"api": {"a": "1", "b": "1"}, "page": {"a": "1"}}
    after = {"api": {"a": "2", "c": "1"}, "page": {"a": "2"}}
    assert moved(before, after) == {
        "a 1 -> 2": ["api", "page"],
        "b 1 -> (none)": ["api"],
        "c (none) -> 1": ["api"],
    }


def test_a_version_for_each_python_stands_beside_the_other():
    lock = 'numpy==2.4.6 ; python_full_version < "3.12" \\\nnumpy==2.5.5 ; x \\\na[b]==1 \\\n'
    assert versions(lock) == {"numpy": "2.4.6/2.5.5", "a": "1"}


def test_a_lock_that_follows_takes_the_leaders_version_and_keeps_its_own_beside():
    leader = {"both": "2", "several": "1/3"}
    assert followed(leader, {"both": "1", "own": "7", "several": "1"}) == {
        "both": "2",
        "own": "7",
        "several": "1",
    }
    assert followed(leader, {}) == {"both": "2", "several": "3"}

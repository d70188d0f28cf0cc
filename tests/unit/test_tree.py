"""The tree's own rules."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "folder", ["airflow", "services", "services/fastapi", "services/streamlit"]
)
def test_folders_named_as_installed_packages_are_no_packages(folder):
    """With an `__init__.py` there, `import airflow` would find ours."""
    assert not (ROOT / folder / "__init__.py").exists()


def test_no_file_is_called_as_an_installed_package():
    taken = {"airflow.py", "fastapi.py", "streamlit.py"}
    ours = [
        *ROOT.glob("src/**/*.py"),
        *ROOT.glob("services/**/*.py"),
        *ROOT.glob("airflow/**/*.py"),
    ]
    assert [path for path in ours if path.name in taken] == []


def test_every_lock_is_pinned_and_hashed():
    for lock in ROOT.glob("requirements/*.txt"):
        entries = re.findall(r"^[a-z0-9][^\n]*", lock.read_text(), flags=re.MULTILINE)
        assert entries
        assert all("==" in entry and entry.endswith("\\") for entry in entries), lock


def test_the_makefile_explains_every_command():
    makefile = (ROOT / "Makefile").read_text()
    commands = re.search(r"^\.PHONY: (.*)$", makefile, flags=re.MULTILINE)[1].split()
    assert [name for name in commands if not re.search(rf"^{name}: ## ", makefile, re.M)] == []


def test_make_does_not_stand_between_a_signal_and_what_runs_long():
    """A shell in between would die of a SIGTERM and leave the stack running."""
    makefile = (ROOT / "Makefile").read_text()
    for name in ("demo", "up", "api", "test"):
        recipe = makefile.partition(f"\n{name}: ")[2].partition("\n\n")[0].splitlines()
        assert recipe[-1].startswith("\t@exec "), name

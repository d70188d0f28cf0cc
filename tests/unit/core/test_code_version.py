"""Which commit made a run, and when that cannot be said."""

import subprocess

import pytest

import satispy
from satispy.core.code_version import code_version

UNKNOWN = {"satispy": satispy.__version__, "commit": None, "changed": None}


def git(folder, *words):
    who = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", "-C", folder, *who, *words], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package in a checkout of its own, committed."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    folder = tmp_path / "checkout" / "src" / "package"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    git(tmp_path / "checkout", "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    return folder


def test_in_a_checkout_it_is_the_commit(package):
    head = git(package, "rev-parse", "HEAD")
    assert len(head) == 40
    assert code_version(package) == UNKNOWN | {"commit": head, "changed": False}


@pytest.mark.parametrize("name", ["__init__.py", "a_new_family.py"])
def test_code_that_is_not_the_commits_is_said_to_be_changed(package, name):
    (package / name).write_text("x = 1")
    assert code_version(package)["changed"] is True


def test_changes_outside_the_package_do_not_count(package):
    (package.parents[1] / "notes.txt").write_text("x")
    assert code_version(package)["changed"] is False


def test_outside_of_a_checkout_there_is_no_commit(tmp_path):
    (tmp_path / "__init__.py").write_text("")
    assert code_version(tmp_path) == UNKNOWN


def test_a_package_installed_into_a_checkout_is_not_of_its_commit(package):
    installed = package.parents[1] / ".venv" / "package"
    installed.mkdir(parents=True)
    (installed / "__init__.py").write_text("")
    assert code_version(installed) == UNKNOWN


def test_a_checkout_without_a_commit_has_none(package, tmp_path):
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    (fresh / "__init__.py").write_text("")
    git(fresh, "init", "-q")
    git(fresh, "add", ".")
    assert code_version(fresh)["commit"] is None


def test_without_git_there_is_no_commit(package, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert code_version(package) == UNKNOWN


def test_a_hook_of_another_repository_does_not_mislead(package, tmp_path, monkeypatch):
    head = git(package, "rev-parse", "HEAD")
    git(tmp_path, "init", "-q", "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    assert code_version(package)["commit"] == head

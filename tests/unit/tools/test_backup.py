"""`make backup` and `make restore`, with an engine that only notes what it is asked."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parents[3] / "tools" / "backup.py"
FAKE = """#!{python}
import sys
from pathlib import Path
words = " ".join(sys.argv[1:])
with Path({log!r}).open("a") as log:
    log.write(words + "\\n")
for part, status, said in {answers!r}:
    if part in words:
        sys.stderr.write(said)
        sys.exit(status)
sys.stdout.write("content of " + words)
"""


@pytest.fixture
def engine(tmp_path):
    """Put a docker on the path that fails as told; return how to run the program under it."""
    log = tmp_path / "log"

    def run(*words, answers=()):
        programs = tmp_path / "bin"
        programs.mkdir(exist_ok=True)
        docker = programs / "docker"
        docker.write_text(FAKE.format(python=sys.executable, log=str(log), answers=list(answers)))
        docker.chmod(0o755)
        done = subprocess.run(
            [sys.executable, PROGRAM, *words],
            env={"PATH": f"{programs}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )
        asked = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return done, asked

    return run


@pytest.fixture
def copy(engine, tmp_path):
    done, _ = engine("--to", tmp_path / "copy")
    assert done.returncode == 0, done.stderr
    return tmp_path / "copy"


def test_a_folder_that_is_there_is_not_written_into(engine, tmp_path):
    done, asked = engine("--to", tmp_path)
    assert (done.returncode, asked) == (1, [])
    assert "expected a folder that is not there yet" in done.stderr


def test_a_copy_of_half_is_no_copy(engine, tmp_path):
    done, _ = engine("--to", tmp_path / "copy", answers=[("pg_dump", 1, "no such database")])
    assert done.returncode == 1
    assert "no such database" in done.stderr
    assert not (tmp_path / "copy" / "backup.json").exists()


def test_a_base_that_grows_meanwhile_is_no_trouble_and_anything_else_is(engine, tmp_path):
    grown = "tar: clean_data/data_MAJ.csv: file changed as we read it\n"
    done, _ = engine("--to", tmp_path / "a", answers=[("clean_data", 1, grown)])
    assert done.returncode == 0, done.stderr
    lost = "tar: clean_data/data_MAJ.csv: Cannot open: Input/output error\n"
    done, _ = engine("--to", tmp_path / "b", answers=[("clean_data", 1, grown + lost)])
    assert done.returncode == 1


def test_the_ledger_is_copied_before_the_base_and_what_serves_before_the_runs(engine, tmp_path):
    _, asked = engine("--to", tmp_path / "copy")
    order = [
        next(number for number, line in enumerate(asked) if line.endswith(end))
        for end in (
            *("custom satispy", "cd /data/clean_data"),
            *("cd /data/clean_model/serving", "cd /data/clean_model"),
        )
    ]
    assert order == sorted(order)


def test_only_the_owner_may_read_a_copy(copy):
    assert stat.S_IMODE(copy.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in copy.iterdir()} == {0o600}


def test_nothing_is_replaced_without_a_word(engine, copy):
    done, asked = engine("--restore", copy)
    assert (done.returncode, asked) == (1, [])
    assert "REPLACE=1" in done.stderr


def test_a_copy_that_is_damaged_or_without_end_is_refused_before_anything_stops(engine, copy):
    (copy / "clean_data.tar").write_bytes(b"other")
    done, asked = engine("--restore", copy, "--replace")
    assert (done.returncode, asked) == (1, [])
    assert "clean_data.tar is not as it was written" in done.stderr
    (copy / "backup.json").unlink()
    done, asked = engine("--restore", copy, "--replace")
    assert (done.returncode, asked) == (1, [])


def test_a_restore_stops_the_writers_first_and_has_the_base_checked_last(engine, copy):
    done, asked = engine("--restore", copy, "--replace")
    assert done.returncode == 0, done.stderr
    assert "stop" in asked[0]
    assert "stop api api-replica page" in asked[1]
    assert asked[-1].endswith("satispy data verify")
    assert set(json.loads((copy / "backup.json").read_text())["sha256"]) == {
        *("satispy.dump", "airflow.dump"),
        *("clean_data.tar", "serving.tar", "clean_model.tar", "secrets.tar"),
    }


def test_a_base_that_does_not_pass_is_said(engine, copy):
    done, _ = engine("--restore", copy, "--replace", answers=[("data verify", 1, "damaged")])
    assert done.returncode == 1
    assert "make prod" not in done.stdout

import subprocess
import sys

import pytest

from satispy.core.files import read_json, write_json
from satispy.workflows.retraining.memory import (
    default_budget_mib,
    grown_peak_mib,
    peak_mib,
    room_for,
)


class Waited(Exception):
    pass


def give_up(_seconds):
    raise Waited


@pytest.fixture
def jobs(tmp_path):
    return tmp_path


def test_those_that_fit_together_train_at_once(jobs):
    with room_for(600, jobs, budget_mib=1300), room_for(600, jobs, budget_mib=1300):
        assert len(read_json(jobs / ".trainings.json")) == 2
    assert read_json(jobs / ".trainings.json") == []


def test_one_that_would_exceed_the_budget_waits_until_there_is_room(jobs, caplog):
    caplog.set_level("INFO")
    first = room_for(800, jobs, budget_mib=1000)
    first.__enter__()
    waits = []

    def until_free(seconds):
        waits.append(seconds)
        if len(waits) == 2:
            first.__exit__(None, None, None)

    with room_for(300, jobs, budget_mib=1000, wait=until_free):
        assert len(waits) == 2
    assert caplog.text.count("waiting: 1 trainings") == 1


def test_the_first_is_let_in_however_large_it_is(jobs):
    with (
        room_for(5000, jobs, budget_mib=1000),
        pytest.raises(Waited),
        room_for(1, jobs, budget_mib=1000, wait=give_up),
    ):
        pass
    with room_for(1, jobs, budget_mib=1000, wait=give_up):
        pass


def test_a_failed_training_leaves_its_room(jobs):
    with pytest.raises(ZeroDivisionError), room_for(5000, jobs, budget_mib=1000):
        raise ZeroDivisionError
    with room_for(1, jobs, budget_mib=1000, wait=give_up):
        pass


def test_one_that_was_killed_does_not_count(jobs):
    program = (
        "import os, pathlib, sys\n"
        "from satispy.workflows.retraining.memory import room_for\n"
        "with room_for(5000, pathlib.Path(sys.argv[1]), budget_mib=1000):\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(jobs)], check=False)
    assert killed.returncode == -9
    assert len(read_json(jobs / ".trainings.json")) == 1
    with room_for(1, jobs, budget_mib=1000, wait=give_up):
        pass


def test_trainings_of_other_machines_do_not_count_here_and_are_kept(jobs):
    elsewhere = {"host": "other", "pid": 1, "began": 0.0, "mib": 5000}
    write_json(jobs / ".trainings.json", [elsewhere])
    with room_for(900, jobs, budget_mib=1000, wait=give_up):
        assert len(read_json(jobs / ".trainings.json")) == 2
    assert read_json(jobs / ".trainings.json") == [elsewhere]


def test_the_budget_is_a_part_of_the_machine_and_the_peak_is_measured():
    assert 0 < peak_mib() < default_budget_mib() * 2


@pytest.mark.parametrize(
    ("growth", "most", "expected"),
    [(2.0, 1_000_000, 1000), (10.0, 20_000, 1000), (0.5, 1_000_000, 500), (3.0, 5_000, 500)],
)
def test_what_a_family_needs_grows_with_the_reviews_it_learns_from(growth, most, expected):
    """Beyond max_rows it learns from a sample, so a hundredfold base needs no hundredfold room."""
    before = {"peak_mib": 500, "train_rows": 10_000, "training_side": 10_000}
    assert grown_peak_mib(before, growth, most) == expected

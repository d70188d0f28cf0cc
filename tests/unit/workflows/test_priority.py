"""Where families train at once the one that has most to do goes first."""

import shutil
from pathlib import Path

import pytest

from satispy.core.settings import Settings
from satispy.models.catalog import family_names
from satispy.workflows.retraining.priority import NICE, give_way, seconds_of_last


@pytest.mark.parametrize(
    ("family", "seconds", "expected"),
    [
        ("svm", {"svm": 9.0, "gbc": 20.0}, [NICE]),
        ("gbc", {"svm": 9.0, "gbc": 20.0}, []),
        ("ann", {"svm": 9.0, "gbc": 20.0}, []),  # nobody knows what it takes
        ("gbc", {}, []),
    ],
)
def test_all_but_the_longest_give_way(family, seconds, expected):
    added = []
    assert give_way(family, seconds, lambda more: added.append(more) or more) is bool(expected)
    assert added == expected


def test_what_a_training_took_is_known_the_next_time(trained_home):
    families = family_names()
    found = seconds_of_last(Settings(home=trained_home).paths.runs, [*families, "unknown"])
    assert sorted(found) == families
    assert min(found.values()) > 0


@pytest.mark.parametrize("damage", [lambda file: file.write_text("{"), Path.unlink])
def test_a_run_that_is_damaged_stops_no_other_family(trained_home, tmp_path, damage):
    shutil.copytree(Settings(home=trained_home).paths.runs, tmp_path / "runs")
    [damaged] = (tmp_path / "runs").glob("*-gbc/training.json")
    damage(damaged)
    found = seconds_of_last(tmp_path / "runs", family_names())
    assert sorted(found) == [name for name in family_names() if name != "gbc"]


def test_before_the_first_training_nothing_is_known(tmp_path):
    assert seconds_of_last(tmp_path / "runs", ["svm"]) == {}

"""Where families train at once the one that has most to do goes first."""

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


def test_before_the_first_training_nothing_is_known(tmp_path):
    assert seconds_of_last(tmp_path / "runs", ["svm"]) == {}

"""Pointers and history: what serves, who decided it, and what a crash leaves."""

import json
import multiprocessing
import os
from datetime import UTC, datetime, timedelta

import pytest

from satispy.core.errors import ArtifactDamaged
from satispy.registry import serving as module
from satispy.registry.history import NO_CHAIN
from satispy.registry.serving import ServingPointers

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def later(minutes):
    return NOON + timedelta(minutes=minutes)


@pytest.fixture
def pointers(tmp_path):
    return ServingPointers(tmp_path / "serving")


@pytest.fixture
def three(pointers):
    for minute, run in enumerate(("a", "b", "c")):
        pointers.promote("svm", run, later(minute), reason=f"{run} is good")
    return pointers


def history_of(pointers):
    return pointers._folder / "history.jsonl"


def test_a_promotion_moves_the_pointer_and_stands_in_the_history(pointers):
    checks = [{"name": "floor", "passed": True}]
    decision = pointers.promote("svm", "a", NOON, by="anne", comment="why not", checks=checks)
    assert (pointers.of("svm").run, pointers.of("svm").entry) == ("a", 1)
    assert pointers.history() == [decision]
    assert (decision.event, decision.by, decision.comment) == ("promoted", "anne", "why not")
    assert decision.before == NO_CHAIN
    assert list(decision.checks) == checks


def test_a_promotion_of_what_serves_already_says_nothing(three):
    before = history_of(three).read_bytes()
    assert three.promote("svm", "c", later(9)) is None
    assert history_of(three).read_bytes() == before


def test_a_model_that_is_held_moves_nothing_and_is_told_once(three):
    first = three.hold("svm", "d", later(5), reason="f1_0 is low")
    assert three.hold("svm", "d", later(6), reason="f1_0 is low") == first
    assert three.of("svm").run == "c"
    assert [one.event for one in three.history()] == ["promoted"] * 3 + ["held"]


def test_one_goes_back_step_by_step_and_never_to_what_was_left(three):
    assert three.before("svm") == ["b", "a"]
    three.roll_back("svm", "b", later(5))
    assert three.before("svm") == ["a"]
    three.promote("svm", "d", later(6))
    assert three.before("svm") == ["b", "a"]
    three.promote("svm", "a", later(7))
    assert three.before("svm") == ["d", "b"]


def test_nothing_is_before_the_first(pointers):
    assert pointers.before("svm") == []
    pointers.promote("svm", "a", NOON)
    assert pointers.before("svm") == []


def test_which_model_answered_at_a_moment_has_an_answer(three):
    three.crown("svm", later(1.5))
    three.roll_back("svm", "b", later(5))
    assert three.at(NOON - timedelta(seconds=1)) == {}
    assert three.at(later(1))["svm"].run == "b"
    assert "champion" not in three.at(later(1))
    assert three.at(later(4))["svm"].run == "c"
    assert three.at(later(5))["svm"].run == "b"
    assert three.at(later(5))["champion"].family == "svm"


def test_only_a_family_that_serves_can_be_champion_and_it_is_told_once(three):
    assert three.crown("gbc", later(4)) is None
    assert three.crown("svm", later(4), reason="it is good").previous is None
    assert three.crown("svm", later(5)) is None
    assert three.champion().family == "svm"
    assert [pointer.family for pointer in three.all()] == ["svm"]


def test_a_line_that_was_changed_is_found(three):
    path = history_of(three)
    path.write_bytes(path.read_bytes().replace(b"b is good", b"b is fine"))
    with pytest.raises(ArtifactDamaged, match="line 3 is not: it does not follow"):
        three.verify()


def test_a_last_line_that_was_changed_is_found_by_the_pointer(three):
    path = history_of(three)
    path.write_bytes(path.read_bytes().replace(b"c is good", b"c is fine"))
    with pytest.raises(ArtifactDamaged, match="history of svm"):
        three.verify()


def test_a_line_that_was_taken_out_is_found_and_nothing_is_added_to_the_rest(three):
    path = history_of(three)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[2])
    with pytest.raises(ArtifactDamaged, match="line 2 is not"):
        three.promote("svm", "d", later(9))
    assert three.of("svm").run == "c"


def test_lines_of_an_earlier_version_are_read_and_part_of_the_chain(pointers):
    path = history_of(pointers)
    path.parent.mkdir()
    old = {"family": "svm", "run": "a", "published_at": "2026-01-01T00:00:00.000000Z"}
    path.write_text(json.dumps(old) + "\n")
    (path.parent / "svm.json").write_text(json.dumps(old))
    assert (pointers.of("svm").run, pointers.history()[0].by) == ("a", "retraining")
    pointers.promote("svm", "b", NOON)
    assert (pointers.verify(), pointers.before("svm")) == (2, ["a"])
    path.write_bytes(path.read_bytes().replace(b"2026-01-01", b"2026-01-02"))
    with pytest.raises(ArtifactDamaged, match="line 2"):
        pointers.verify()


def test_a_line_cut_by_a_crash_is_no_decision_and_the_next_one_takes_its_place(three):
    path = history_of(three)
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"number": 4, "event": "prom')
    assert len(three.history()) == 3
    three.promote("svm", "d", later(9))
    assert three.verify() == 4
    assert path.read_bytes().startswith(whole)


def test_a_pointer_that_cannot_be_read_is_written_anew(three):
    (history_of(three).parent / "svm.json").write_text("{}")
    with pytest.raises(ArtifactDamaged, match="satispy models history --settle"):
        three.all()
    three.settle()
    assert (three.of("svm").run, three.verify()) == ("c", 3)


def test_settling_what_is_settled_touches_nothing(three):
    before = three.state()
    three.settle()
    assert three.state() == before


def die_between(folder, name):
    """Promote, and be killed where the history is written but the pointer is not."""

    def die(*_args, **_options):
        os.kill(os.getpid(), 9)

    setattr(module, name, die)
    ServingPointers(folder).promote("svm", "d", NOON + timedelta(minutes=9))


@pytest.mark.parametrize("killed_in", ["write_json", "History"])
def test_a_kill_during_a_promotion_leaves_the_old_or_the_new_never_none(three, killed_in):
    folder = history_of(three).parent
    process = multiprocessing.get_context("fork").Process(
        target=die_between, args=(folder, killed_in)
    )
    process.start()
    process.join(30)
    assert process.exitcode == -9
    assert three.of("svm").run == "c"
    again = ServingPointers(folder)
    again.settle()
    assert again.of("svm").run == ("d" if killed_in == "write_json" else "c")
    assert again.verify() == len(again.history())

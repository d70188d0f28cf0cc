"""What people do with models: promote, go back, ask, prune."""

import shutil
from datetime import UTC, datetime, timedelta

import pytest

from satispy.core.errors import ArtifactDamaged, InvalidInput, NotFound
from satispy.core.settings import Settings
from satispy.registry.serving import ServingPointers
from satispy.workflows import promotion
from several_runs import BROKEN, HELD, OLD, copy_run, damage, serving_run


@pytest.fixture
def settings(trained_home, tmp_path):
    shutil.copytree(trained_home, tmp_path / "home")
    return Settings(home=tmp_path / "home")


@pytest.fixture
def pointers(settings):
    return ServingPointers(settings.paths.serving)


@pytest.fixture
def other(settings):
    copy_run(settings, OLD)
    return OLD


def promoted(settings, run, **options):
    return promotion.promote(settings, run, by="anne", **options)


def test_an_unknown_run_is_not_promoted(settings):
    for name in ("nope", "../runs", "20200101T000000.000000Z-svm"):
        with pytest.raises(NotFound, match="satispy models list"):
            promoted(settings, name)


def test_a_run_that_cannot_answer_is_not_promoted(settings, other, pointers):
    damage(settings, other)
    with pytest.raises(ArtifactDamaged, match=r"disagrees with its manifest in model\.onnx"):
        promoted(settings, other)
    assert pointers.of("svm").run != other


@pytest.mark.parametrize("comment", ["", "   "])
def test_the_gate_is_not_overridden_without_a_word(settings, comment):
    copy_run(settings, HELD, blessed=False, reason="f1_0 .700 is not above .800")
    with pytest.raises(InvalidInput, match=r"expected a comment.* f1_0 \.700 is not above"):
        promoted(settings, HELD, comment=comment)


def test_a_person_may_override_the_gate_and_the_history_says_so(settings, pointers):
    copy_run(settings, HELD, blessed=False, reason="f1_0 is low")
    decision = promoted(settings, HELD, comment="the exam is wrong")
    assert (decision.overrides, decision.by, decision.comment) == (
        True,
        "anne",
        "the exam is wrong",
    )
    assert decision.reason == "promoted by anne against the gate"
    assert pointers.of("svm").run == HELD


def test_a_blessed_run_needs_no_comment_and_brings_its_checks(settings, other):
    decision = promoted(settings, other)
    assert (decision.overrides, bool(decision.checks)) == (False, True)


def test_what_serves_already_is_not_promoted_again(settings):
    assert promoted(settings, serving_run(settings)) is None


def test_a_person_may_choose_the_champion(settings, pointers, other):
    family = next(one for one in ("svm", "gbc") if one != pointers.champion().family)
    run = serving_run(settings, family)
    decision = promoted(settings, run, champion=True)
    assert (decision.event, decision.family, decision.by) == ("champion", family, "anne")
    assert pointers.champion().family == family
    assert next(one for one in promotion.known_runs(settings) if one.run == run).champion


def test_a_comment_of_a_book_is_refused(settings, other):
    with pytest.raises(InvalidInput, match="at most 2000 characters, but received 2001"):
        promoted(settings, other, comment="a" * 2001)


def test_one_command_goes_back_and_the_next_one_further(settings, other, pointers):
    first = serving_run(settings)
    promoted(settings, other)
    promoted(settings, copy_run(settings, HELD).name)
    assert promotion.roll_back(settings, "svm", by="anne", comment="it is bad").run == other
    assert promotion.roll_back(settings, "svm", by="anne").run == first
    assert pointers.of("svm").run == first
    with pytest.raises(NotFound, match="there is none that can be read"):
        promotion.roll_back(settings, "svm", by="anne")


def test_a_run_that_was_damaged_since_is_passed_over_and_told(settings, other):
    first = serving_run(settings)
    promoted(settings, other)
    promoted(settings, copy_run(settings, HELD).name)
    damage(settings, other)
    decision = promotion.roll_back(settings, "svm", by="anne")
    assert decision.run == first
    assert f"passed over, for they cannot be read: {other}" in decision.reason


def test_a_family_that_does_not_serve_cannot_go_back(settings):
    with pytest.raises(NotFound, match="no model serves 'xgb'; families are ann, gbc, svm"):
        promotion.roll_back(settings, "xgb", by="anne")


def test_who_answered_when_has_an_answer(settings, other):
    before = serving_run(settings)
    now = datetime.now(UTC)
    promoted(settings, other, clock=lambda: now + timedelta(hours=1))
    assert promotion.who_answered(settings, now)["svm"].run == before
    assert promotion.who_answered(settings, now + timedelta(hours=2))["svm"].run == other
    assert promotion.who_answered(settings, now - timedelta(days=9)) == {}


def test_every_run_is_listed_with_its_state_and_why(settings, other):
    copy_run(settings, HELD, blessed=False)
    copy_run(settings, BROKEN)
    (settings.paths.runs / BROKEN / "metrics.json").write_text("{")
    ServingPointers(settings.paths.serving).hold("svm", HELD, datetime.now(UTC), reason="it is bad")
    states = {one.run: (one.state, one.decision and one.decision.reason) for one in all_(settings)}
    assert states[OLD] == ("earlier", None)
    assert states[HELD] == ("held", "it is bad")
    assert states[BROKEN][0] == "damaged"
    assert states[serving_run(settings)][0] == "serving"
    assert sum(one.champion for one in all_(settings)) == 1


def all_(settings):
    return promotion.known_runs(settings)


def test_pruning_leaves_what_serves_what_the_newest_decisions_name_and_what_is_undecided(
    settings, other
):
    first = serving_run(settings)
    runs = [copy_run(settings, f"202101{day:02}T000000.000000Z-svm").name for day in range(1, 5)]
    for run in runs:
        promoted(settings, run)
    assert promotion.prune(settings, 1, dry_run=True) == [*runs[:2], first]
    assert promotion.prune(settings, 2) == [runs[0], first]
    assert promotion.prune(settings, 2) == []
    left = {one.run for one in all_(settings)}
    assert {other, *runs[1:]} <= left
    assert not {runs[0], first} & left
    assert promotion.roll_back(settings, "svm", by="anne").run == runs[2]
    with pytest.raises(InvalidInput, match="at least 1 decision"):
        promotion.prune(settings, 0)


def test_a_history_that_was_changed_is_not_shown_as_if_it_were_whole(settings):
    path = settings.paths.serving / "history.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"by": "gate"', b'"by": "anne"', 1))
    with pytest.raises(ArtifactDamaged, match="does not follow"):
        promotion.history(settings)

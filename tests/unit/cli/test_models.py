import shutil

import pytest
from typer.testing import CliRunner

from satispy.cli import app
from satispy.core.settings import load_settings
from several_runs import HELD, OLD, copy_run, serving_run


@pytest.fixture(autouse=True)
def settings(trained_home):
    settings = load_settings()
    shutil.copytree(trained_home, settings.paths.home, dirs_exist_ok=True)
    return settings


def run(*arguments, code=0):
    done = CliRunner().invoke(app, ["models", *arguments])
    assert "Traceback" not in done.output
    assert done.exit_code == code, done.output
    return done.stdout + done.stderr


def test_the_runs_are_listed_with_state_scores_and_reason(settings):
    said = run("list")
    for family in ("ann", "gbc", "svm"):
        assert serving_run(settings, family) in said
    assert said.count("serving") == 3
    assert said.count("champion") == 1
    assert "checks passed" in said


def test_a_long_list_says_what_it_leaves_out():
    assert "and 2 older ones: --limit 3" in run("list", "--limit", "1")
    assert "older ones" not in run("list", "--family", "svm", "--limit", "1")


def test_a_run_is_shown_with_every_check(settings):
    said = run("show", serving_run(settings))
    assert "passed  accuracy" in said
    assert "noted   negation" in said
    assert "promoted" in said


def test_a_promotion_against_the_gate_asks_for_a_comment(settings):
    copy_run(settings, HELD, blessed=False, reason="f1_0 is low")
    assert "expected a comment" in run("promote", HELD, code=1)
    assert "against the gate" in run("promote", HELD, "-m", "we know why")
    assert f"{HELD} serves already" in run("promote", HELD, "-m", "again")


def test_one_command_goes_back(settings):
    first = serving_run(settings)
    copy_run(settings, OLD)
    run("promote", OLD)
    assert f"rolled-back {first}" in run("rollback", "svm", "--comment", "it was bad")
    assert '"it was bad"' in run("history", "--limit", "1")
    assert "none that can be read" in run("rollback", "svm", code=1)


def test_the_history_is_told_with_its_chain_and_a_broken_one_is_refused(settings):
    assert "the chain is whole" in run("history")
    assert "the chain is whole" in run("history", "--settle")
    path = settings.paths.serving / "history.jsonl"
    path.write_bytes(path.read_bytes().replace(b"gate", b"anne", 1))
    assert "line 2" in run("history", code=1)


def test_which_model_answered_then_has_an_answer(settings):
    assert "no model yet" in run("at", "2020-01-01 14:00")
    said = run("at", "2999-01-01T00:00+01:00")
    assert "at 2998-12-31 23:00:00 UTC answered" in said
    assert f"svm: {serving_run(settings)}" in said.replace(", champion", "")
    assert "expected a moment such as" in run("at", "yesterday", code=1)


def test_pruning_tells_what_it_removes(settings):
    copy_run(settings, OLD)
    first = serving_run(settings)
    run("promote", OLD)
    run("promote", copy_run(settings, HELD).name)
    assert f"would remove {first}" in run("prune", "--keep", "1", "--dry-run")
    assert f"removed {first}" in run("prune", "--keep", "1")
    assert "0 runs" in run("prune", "--keep", "1")

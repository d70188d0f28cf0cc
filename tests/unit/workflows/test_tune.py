"""The search for better hyper-parameters."""

import math
import shutil

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from coin_family import SOURCE
from satispy.cli.app import app
from satispy.core.errors import ConfigurationError, NotFound
from satispy.core.files import read_json
from satispy.core.settings import load_settings
from satispy.workflows.tune import tune

MINUTES = 600.0


@pytest.fixture
def settings(trained_home, own_settings):
    shutil.copytree(trained_home, own_settings)
    return load_settings()


@pytest.fixture
def families(tmp_path):
    folder = tmp_path / "families"
    folder.mkdir()
    (folder / "coin.py").write_text(SOURCE, encoding="utf-8")
    return folder


def searched(settings, families, trials, say=lambda line: None):
    return tune(settings, "coin", MINUTES, say, trials=trials, families=families)


@pytest.mark.parametrize("budget", ["", "10", "0m", "ten minutes", "-5s"])
def test_a_budget_that_is_none_is_refused(budget):
    done = CliRunner().invoke(app, ["tune", "--family", "svm", f"--budget={budget}"])
    assert done.exit_code == 1
    assert "expected a budget such as 90s, 10m or 2h" in done.stderr.replace("\n", " ")


def test_an_unknown_family_is_refused(settings):
    with pytest.raises(NotFound, match="received 'gcb'"):
        tune(settings, "gcb", MINUTES, print)


def test_a_family_that_declares_nothing_to_search_is_refused(settings, families):
    bare = SOURCE.replace("search = {", "ignored = {")
    (families / "coin.py").write_text(bare, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="its search is empty"):
        searched(settings, families, 1)


def test_the_plan_comes_first_and_the_evidence_tells_every_trial(settings, families):
    lines = []
    found = searched(settings, families, 4, lines.append)
    evidence = read_json(found.evidence)
    assert found.trials == len(evidence["trials"]) == 4
    assert evidence["of_plan"] == evidence["trials"][0]
    assert evidence["of_plan"]["parameters"] == {"cost": 1.0}
    assert evidence["best"]["log_loss"] == min(one["log_loss"] for one in evidence["trials"])
    assert evidence["proposal"] == found.proposal
    assert found.score <= found.score_of_plan
    assert len(lines) == 4
    assert all("log loss" in line and "best" in line for line in lines)


def test_only_the_training_side_is_read(settings, families):
    """Hyper-parameters chosen while looking at the exam would flatter every later score."""
    evidence = read_json(searched(settings, families, 1).evidence)
    (job,) = settings.paths.jobs.iterdir()
    exam = pq.read_table(job / "reviews", columns=["exam"])["exam"].to_pylist()
    assert evidence["reviews"] == exam.count(False) < len(exam)


def test_a_search_goes_on_where_it_ended(settings, families):
    first = searched(settings, families, 2)
    lines = []
    second = searched(settings, families, 2, lines.append)
    assert lines[0] == "coin: going on after 2 trials"
    assert second.evidence == first.evidence
    assert second.trials == 4
    tried = [one["parameters"]["cost"] for one in read_json(second.evidence)["trials"]]
    assert len(set(tried)) == 4


def test_ctrl_c_keeps_what_was_found(settings, families):
    def press_ctrl_c(line):
        raise KeyboardInterrupt

    found = searched(settings, families, 5, press_ctrl_c)
    assert found.interrupted
    assert found.trials == 1
    assert read_json(found.evidence)["trials"]
    assert searched(settings, families, 1).trials == 2


def test_without_a_finished_trial_there_is_no_evidence(settings, families):
    found = tune(settings, "coin", MINUTES, print, trials=0, families=families)
    assert found.trials == 0
    assert math.isnan(found.score)
    assert not found.evidence.exists()

import shutil

import pytest

from listeners import collecting
from satispy.core.errors import NotFound
from satispy.core.settings import load_settings
from satispy.registry import runs
from satispy.workflows.retraining.jobs import Job
from satispy.workflows.retraining.report import report
from satispy.workflows.retraining.snapshot import snapshot


@pytest.fixture
def home(trained_home, own_settings):
    shutil.copytree(trained_home, own_settings)
    return own_settings


@pytest.fixture
def listener():
    with collecting() as server:
        yield server


@pytest.fixture
def settings(home, listener, monkeypatch):
    monkeypatch.setenv("SATISPY_OPENLINEAGE_URL", listener.url)
    return load_settings()


def newest_job(settings):
    return Job(max(settings.paths.jobs.iterdir()))


def test_a_retraining_tells_that_it_began_on_this_version_of_the_base(settings, listener):
    job = snapshot(settings, "manual")
    (said,) = listener.told
    assert (said["eventType"], said["outputs"]) == ("START", [])
    (base,) = said["inputs"]
    assert base["name"] == str(settings.paths.base)
    chain = Job.find(settings.paths.jobs, job).dataset.chain
    assert base["facets"]["version"]["datasetVersion"] == chain


def test_a_retraining_tells_with_which_models_it_ended(settings, listener):
    report(settings, newest_job(settings).name)
    (said,) = listener.told
    assert said["eventType"] == "COMPLETE"
    assert sorted(one["name"] for one in said["outputs"]) == runs.names(settings.paths.runs)


def test_a_retraining_without_one_of_its_families_has_failed(settings, listener):
    job = newest_job(settings)
    shutil.rmtree(job.candidate("gbc").folder)
    with pytest.raises(NotFound):
        report(settings, job.name)
    (said,) = listener.told
    assert said["eventType"] == "FAIL"
    assert "train_gbc" in said["run"]["facets"]["errorMessage"]["message"]
    assert len(said["outputs"]) == 2


@pytest.mark.parametrize("given", ["http://anne:hush@127.0.0.1:1", "anne:hush@host"])
def test_a_server_that_is_away_or_none_changes_nothing_and_is_named_once(
    home, monkeypatch, caplog, given
):
    monkeypatch.setenv("SATISPY_OPENLINEAGE_URL", given)
    settings = load_settings()
    report(settings, newest_job(settings).name)
    assert caplog.text.count("OpenLineage is not told") == 1
    assert "hush" not in caplog.text

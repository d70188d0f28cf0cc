"""MLflow comes to where our runs and our history are, whatever happened before."""

import itertools
import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from satispy.core.errors import NotReady
from satispy.core.files import read_json
from satispy.models.catalog import family_names
from satispy.registry import runs
from satispy.registry.serving import ServingPointers
from satispy.tracking.marker import Marker
from satispy.workflows import promotion, tracking
from satispy.workflows.retraining.jobs import Job
from satispy.workflows.retraining.report import report
from several_runs import HELD, OLD, copy_run, serving_run

STEPS = [
    *("create_run", "log_batch", "log_inputs", "log_artifacts", "set_terminated"),
    *("create_registered_model", "create_model_version", "set_registered_model_alias"),
]


def newest_job(settings):
    return Job(max(settings.paths.jobs.iterdir())).name


def serving(settings):
    return {
        pointer.family: pointer.run for pointer in ServingPointers(settings.paths.serving).all()
    }


def champion(settings):
    return ServingPointers(settings.paths.serving).champion().family


def require_in_step(mlflow, settings):
    """MLflow has each run once, whole, and its aliases name what serves."""
    folder = settings.paths.runs
    assert sorted(mlflow.runs()) == runs.names(folder)
    for name, run in mlflow.runs().items():
        assert run.info.status == "FINISHED"
        assert mlflow.artifacts(name) == {path.name for path in (folder / name).iterdir()}
        (given,) = run.inputs.dataset_inputs
        assert given.dataset.name == "data_MAJ.csv"
    now, best = serving(settings), champion(settings)
    assert mlflow.bearers("serving") == now
    assert mlflow.bearers("champion") == {best: now[best]}
    assert mlflow.bearers("challenger") == {
        family: run for family, run in now.items() if family != best
    }


def test_a_retraining_stands_in_mlflow_with_scores_dataset_files_and_aliases(mlflow, settings):
    report(settings, newest_job(settings))
    require_in_step(mlflow, settings)
    name = serving_run(settings, "svm")
    folder = settings.paths.runs / name
    manifest, metrics = (
        runs.manifest_of(settings.paths.runs, name),
        read_json(folder / "metrics.json"),
    )
    run = mlflow.runs()[name]
    assert run.data.params["cost"] == str(manifest["parameters"]["cost"])
    assert run.data.params["vectors_version"] == manifest["vectors_version"]
    for score in ("accuracy", "f1_0_low", "macro_f1"):
        assert run.data.metrics[score] == pytest.approx(metrics[score])
        assert run.data.metrics[f"held_out_{score}"] == pytest.approx(metrics["held_out"][score])
    assert run.data.metrics["roc_auc"] == pytest.approx(metrics["details"]["roc_auc"])
    assert run.data.tags["satispy.gate"] == "blessed"
    assert run.data.tags["satispy.dag_run"] == "manual__test"
    assert run.info.end_time - run.info.start_time == int(manifest["train_seconds"] * 1000)
    (given,) = run.inputs.dataset_inputs
    assert manifest["dataset"]["chain"].startswith(given.dataset.digest)
    # MLflow keeps one dataset for one content, with the address that it first came from: of this
    # home or of another test's.
    assert json.loads(given.dataset.source)["uri"].endswith("clean_data/data_MAJ.csv")
    version = mlflow.versions("svm")[name]
    assert (str(version.version), version.run_id) == ("1", run.info.run_id)
    assert version.tags["satispy.state"] == "serving"


def test_aliases_follow_a_promotion_a_rollback_and_a_change_of_champion(mlflow, settings):
    tracking.catch_up(settings)
    first, before = serving_run(settings), champion(settings)
    copy_run(settings, OLD)
    promotion.promote(settings, OLD, by="anne")
    tracking.catch_up(settings)
    require_in_step(mlflow, settings)
    assert mlflow.bearers("serving")["svm"] == OLD
    assert mlflow.versions("svm")[first].tags["satispy.state"] == "earlier"

    promotion.roll_back(settings, "svm", by="anne")
    tracking.catch_up(settings)
    require_in_step(mlflow, settings)
    assert mlflow.bearers("serving")["svm"] == first
    assert mlflow.versions("svm")[first].tags["satispy.reason"] == "rolled back by anne"

    other = next(family for family in family_names() if family != before)
    promotion.promote(settings, serving_run(settings, other), by="anne", champion=True)
    tracking.catch_up(settings)
    require_in_step(mlflow, settings)
    assert list(mlflow.bearers("champion")) == [other]


def test_a_held_run_is_a_version_without_alias_that_says_why(mlflow, settings, clock):
    copy_run(settings, HELD, blessed=False, reason="f1_0 is low")
    pointers = ServingPointers(settings.paths.serving)
    pointers.hold("svm", HELD, clock(), reason="f1_0 is low", by="gate")
    tracking.catch_up(settings)
    require_in_step(mlflow, settings)
    version = mlflow.versions("svm")[HELD]
    assert (version.tags["satispy.state"], version.tags["satispy.reason"]) == (
        "held",
        "f1_0 is low",
    )
    assert mlflow.runs()[HELD].data.tags["satispy.gate"] == "held"


def test_aliases_and_tags_of_others_stay(mlflow, settings):
    tracking.catch_up(settings)
    mlflow.client.set_registered_model_alias("satispy-svm", "in-the-shop", "1")
    mlflow.client.set_model_version_tag("satispy-svm", "1", "seen-by", "anne")
    tracking.catch_up(settings, everything=True)
    assert list(mlflow.bearers("in-the-shop")) == ["svm"]
    assert mlflow.versions("svm")[serving_run(settings)].tags["seen-by"] == "anne"


def test_what_was_lost_there_is_told_again_where_asked_for(mlflow, settings):
    tracking.catch_up(settings)
    mlflow.empty()
    assert tracking.catch_up(settings).new_runs == 0
    tracking.catch_up(settings, everything=True)
    require_in_step(mlflow, settings)


def test_a_server_that_hangs_stops_no_retraining_and_is_told_all_once_it_is_back(
    mlflow, mlflow_stack, settings, monkeypatch, caplog
):
    monkeypatch.setattr(tracking.follow, "__defaults__", (2.0, tracking.log.warning))
    hung = [one for one in mlflow_stack.processes() if one.pid != os.getpid()]
    for process in hung:
        process.suspend()
    try:
        report(settings, newest_job(settings))
        copy_run(settings, OLD)
        promotion.promote(settings, OLD, by="anne")
    finally:
        for process in hung:
            process.resume()
    assert caplog.text.count("MLflow is not in step") == 1
    assert mlflow.runs() == {}
    assert tracking.follow(settings, limit=30)
    require_in_step(mlflow, settings)


def test_a_catch_up_that_was_killed_half_way_leaves_nothing_twice(mlflow, settings):
    command = [sys.executable, "-m", "satispy.workflows.tracking"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    assert line.startswith("MLflow was told of")
    assert len(Marker.read(settings.paths.tracking).runs) < len(runs.names(settings.paths.runs))
    tracking.catch_up(settings)
    require_in_step(mlflow, settings)


def test_a_catch_up_that_broke_off_at_any_step_leaves_nothing_twice(mlflow, settings, monkeypatch):
    """The server did what it was asked to, or did not, and the answer was lost: each in turn."""
    for step, done in itertools.product(STEPS, (False, True)):
        real = getattr(MlflowClient, step)

        def lost(self, *arguments, real=real, done=done, **options):
            if done:
                real(self, *arguments, **options)
            raise MlflowException("the connection was lost")

        with monkeypatch.context() as broken:
            broken.setattr(MlflowClient, step, lost)
            with pytest.raises(NotReady, match="the connection was lost"):
                tracking.catch_up(settings)
    tracking.catch_up(settings)
    require_in_step(mlflow, settings)


def test_a_run_that_cannot_be_read_is_passed_over(mlflow, settings, caplog):
    broken = copy_run(settings, OLD)
    (broken / "metrics.json").write_text("{")
    tracking.catch_up(settings)
    assert OLD not in mlflow.runs()
    assert f"MLflow is not told of {OLD}, which cannot be read" in caplog.text
    assert tracking.follow(settings)


def test_in_the_background_mlflow_follows_by_itself(mlflow, settings):
    tracking.follow_in_background(settings)
    deadline = time.monotonic() + 60
    while not settings.paths.tracking.exists() or not mlflow.bearers("champion"):
        assert time.monotonic() < deadline
        time.sleep(0.1)  # between two looks at another process


def test_an_experiment_that_was_deleted_there_is_not_begun_anew(mlflow, settings):
    tracking.catch_up(settings)
    number = mlflow.client.get_experiment_by_name("satispy").experiment_id
    mlflow.client.delete_experiment(number)
    try:
        with pytest.raises(NotReady, match="was deleted there; restore it"):
            tracking.catch_up(settings, everything=True)
    finally:
        mlflow.client.restore_experiment(number)


def test_the_server_answers_to_its_own_name_alone_and_on_the_loopback_address(mlflow, mlflow_stack):
    import httpx2 as httpx

    path = f"{mlflow.url}/api/2.0/mlflow/experiments/get?experiment_id=0"
    assert httpx.get(path).status_code == 200
    assert httpx.get(path, headers={"Host": "10.evil.example"}).status_code == 403
    listening = [
        connection.laddr.ip
        for process in mlflow_stack.processes()
        for connection in psutil.Process(process.pid).net_connections("inet")
        if connection.status == psutil.CONN_LISTEN and process.pid != os.getpid()
    ]
    assert set(listening) == {"127.0.0.1"}

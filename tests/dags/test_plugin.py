import importlib.util
import json
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.listeners.listener import get_listener_manager
from airflow.utils.db import initdb

from requires import missing

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = ROOT / "airflow" / "plugins" / "satispy_airflow.py"
WRITES = """#!{python}
import json, os, sys
place = {place!r}
with open(place + ".new", "w") as file:
    json.dump(sys.argv[1:], file)
os.rename(place + ".new", place)
"""


@pytest.fixture
def plugin(monkeypatch):
    monkeypatch.setenv("SATISPY_UI_URL", "http://127.0.0.1:18501")
    monkeypatch.setenv("SATISPY_API_URL", "http://127.0.0.1:18000")
    spec = importlib.util.spec_from_file_location("satispy_airflow", PLUGIN)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    for process in module.telling:
        process.kill()
        process.wait()


@pytest.fixture
def listening(tmp_path, monkeypatch):
    """Put a program in the place of the platform's Python, when called."""
    return lambda: listen(tmp_path, monkeypatch)


def listen(tmp_path, monkeypatch):
    """Do so; return a function that says what it was called with."""
    place, program = tmp_path / "told.json", tmp_path / "python"
    program.write_text(WRITES.format(python=sys.executable, place=str(place)))
    program.chmod(0o700)
    monkeypatch.setenv("SATISPY_PYTHON", str(program))
    return lambda: json.loads(when_there(place).read_text())


def when_there(path):
    """Wait for what another process writes."""
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline, f"no {path}"
        time.sleep(0.05)  # between two looks at another process
    return path


def run(dag_id="retrain_reviews", run_id="r"):
    return SimpleNamespace(dag_id=dag_id, run_id=run_id)


def key(task="train_svm", dag="retrain_reviews", run_id="r"):
    return SimpleNamespace(dag_id=dag, task_id=task, run_id=run_id)


def publish(home, name, dag_run):
    folder = home / "clean_model" / "runs" / name
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"dag_run": dag_run}))


def test_the_menu_leads_to_the_page_to_its_reports_and_to_the_documentation_of_the_api(plugin):
    entries = {entry["href"]: entry for entry in plugin.SatispyPlugin.external_views}
    assert set(entries) == {
        "http://127.0.0.1:18501",
        "http://127.0.0.1:18501/reporting",
        "http://127.0.0.1:18000/docs",
    }
    assert all(entry["destination"] == "nav" for entry in entries.values())


def test_a_training_task_leads_to_the_report_of_what_it_published(plugin, own_settings):
    publish(own_settings, "1-svm", "r")
    publish(own_settings, "2-svm", "another")
    publish(own_settings, "3-gbc", "r")
    link = plugin.ReportLink().get_link(None, ti_key=key())
    assert link == "http://127.0.0.1:18501/reporting?run=1-svm"


@pytest.mark.parametrize(
    "wrong", [{"task": "report"}, {"dag": "another"}, {"run_id": "s"}, {"task": "train_ann"}]
)
def test_where_there_is_no_report_there_is_no_link(plugin, own_settings, wrong):
    publish(own_settings, "1-svm", "r")
    assert plugin.ReportLink().get_link(None, ti_key=key(**wrong)) == ""


@pytest.mark.parametrize("manifest", ["{", "[1]", "null", '"x"'])
def test_a_damaged_run_takes_no_link_from_the_others(plugin, own_settings, manifest):
    publish(own_settings, "1-svm", "r")
    publish(own_settings, "2-svm", "r")
    (own_settings / "clean_model" / "runs" / "2-svm" / "manifest.json").write_text(manifest)
    assert plugin.ReportLink().get_link(None, ti_key=key()).endswith("run=1-svm")


@pytest.mark.parametrize(("hook", "word"), [("success", "success"), ("failed", "failed")])
def test_the_end_of_a_retraining_is_passed_on(plugin, listening, hook, word):
    told = listening()
    getattr(plugin.RetrainingsTold(), f"on_dag_run_{hook}")(run(run_id="a+b"), "why")
    assert told() == ["-m", "satispy.workflows.run_ended", word, "a+b"]


def test_the_end_of_another_dag_is_nobodys_business(plugin, monkeypatch):
    monkeypatch.setattr(plugin.subprocess, "Popen", lambda *_, **__: pytest.fail("told"))
    plugin.RetrainingsTold().on_dag_run_failed(run(dag_id="another"), "why")


@pytest.mark.parametrize("python", ["/no/such/python", ""])
def test_a_platform_that_cannot_be_started_hinders_no_dag_run(plugin, monkeypatch, caplog, python):
    monkeypatch.setenv("SATISPY_PYTHON", python)
    plugin.RetrainingsTold().on_dag_run_failed(run(), "why")
    assert "no alert is kept" in caplog.text


def test_a_dag_run_that_is_none_hinders_nothing(plugin):
    plugin.RetrainingsTold().on_dag_run_failed(None, "why")


def test_a_platform_that_hangs_is_not_waited_for(plugin, tmp_path, monkeypatch):
    program, pid = tmp_path / "python", tmp_path / "pid"
    program.write_text(f"#!/bin/sh\necho $$ > {pid}.new; mv {pid}.new {pid}; exec sleep 60\n")
    program.chmod(0o700)
    monkeypatch.setenv("SATISPY_PYTHON", str(program))
    begun = time.monotonic()
    plugin.RetrainingsTold().on_dag_run_failed(run(), "why")
    assert time.monotonic() - begun < 30  # the program sleeps for 60
    when_there(pid)
    assert [process.poll() for process in plugin.telling] == [None]


def test_a_run_of_the_dag_that_fails_tells_the_platform(plugin, listening):
    """Airflow itself calls the listener, with its own object of a run."""
    initdb()
    dag = DagBag(ROOT / "airflow" / "dags").dags["retrain_reviews"]
    if not Path(dag.get_task("snapshot").python).is_file():
        missing("the platform's environment", "run make env")
    listener, told = plugin.RetrainingsTold(), listening()
    manager = get_listener_manager()
    manager.add_listener(listener)
    try:
        ended = dag.test()
    finally:
        manager.pm.unregister(listener)
    assert told() == ["-m", "satispy.workflows.run_ended", "failed", ended.run_id]

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from rich.console import Console

from satispy.core.errors import StackError
from satispy.core.settings import Settings
from satispy.demo import tour as module
from satispy.demo.clients import AirflowApi, Unreachable
from satispy.demo.screen import Screen
from satispy.demo.summary import Summary
from satispy.demo.tour import Tour
from satispy.workflows.accounts import Admin


class Memory:
    peak_mib = 1234.56

    def sample(self):
        return self.peak_mib


@dataclass
class LivingSupervisor:
    """A supervisor whose components live, until `complaint` says otherwise."""

    complaint: str | None = None
    remedy: Callable[[], None] = lambda: None
    memory: Memory = field(default_factory=Memory)

    def check(self):
        if self.complaint:
            raise StackError(self.complaint)
        self.remedy()


@pytest.fixture
def supervisor():
    return LivingSupervisor()


@pytest.fixture
def shown():
    return io.StringIO()


@pytest.fixture
def settings(backend, own_settings):
    own_settings.mkdir()
    return Settings(api_port=backend.port, airflow_port=backend.port)


@pytest.fixture
def tour(settings, supervisor, shown, monkeypatch):
    monkeypatch.setattr(module, "POLL_SECONDS", 0.01)
    screen = Screen(Console(file=shown, width=200))
    return Tour(settings, Admin("admin", "secret", created=True), supervisor, screen)


@pytest.fixture
def files(tmp_path):
    file = tmp_path / "data_MAJ.csv"
    file.write_text("Commentaire,star\nbien,5\n")
    return [file]


def summary(settings):
    return json.loads((settings.home / "summary.json").read_text())


def test_an_upload_that_is_refused_fails_the_tour_and_the_summary_says_what_is_known(
    tour, files, backend, settings
):
    backend.upload_status = 409
    with pytest.raises(
        StackError, match=r"data_MAJ.csv: expected HTTP 201 .* 409: .*duplicate-upl"
    ):
        tour.play(files)
    assert summary(settings)["uploads"] == []
    assert summary(settings)["versions"]["airflow"] == "3.3.2"


def test_a_failed_run_is_reported_with_the_log_of_the_task_that_failed(
    tour, files, backend, settings
):
    backend.run_states = ["running", "failed"]
    backend.tasks = {"train_gbc": "failed", "report": "upstream_failed"}
    with pytest.raises(StackError, match=r"ended as failed\n.*train_gbc:\n  expected two classes"):
        tour.play(files)
    written = summary(settings)
    assert [run["state"] for run in written["dag_runs"]] == ["failed"]
    assert len(written["uploads"]) == 1


def test_a_run_without_a_report_is_no_success(tour, files, backend):
    backend.reported = False
    with pytest.raises(StackError, match="has no score of it"):
        tour.play(files)


def test_a_component_that_dies_during_a_run_ends_the_tour(tour, files, supervisor):
    supervisor.complaint = "airflow-scheduler has ended by itself (exit 1)"
    with pytest.raises(StackError, match="airflow-scheduler has ended"):
        tour.play(files)


def test_a_dag_that_cannot_be_read_is_shown_with_its_trace(tour, files, backend):
    backend.dag_known = False
    backend.import_errors = [{"stack_trace": "ImportError: no module named tuor"}]
    with pytest.raises(StackError, match="no module named tuor"):
        tour.play(files)


def test_a_dag_that_is_never_found_is_named_with_the_log_to_look_at(
    tour, files, backend, monkeypatch
):
    monkeypatch.setattr(module, "DAG_KNOWN_SECONDS", 0.05)
    backend.dag_known = False
    with pytest.raises(StackError, match=r"retrain_reviews within .*airflow-dag-processor.log"):
        tour.play(files)


def test_a_service_that_died_is_asked_again_once_it_was_restarted(
    tour, files, supervisor, settings, monkeypatch
):
    ask, dead = AirflowApi.run, [True, True]

    def run(self, run_id):
        if dead:
            raise Unreachable("Airflow does not answer")
        return ask(self, run_id)

    monkeypatch.setattr(AirflowApi, "run", run)
    supervisor.remedy = lambda: dead and dead.pop()
    tour.play(files)
    assert [run["state"] for run in summary(settings)["dag_runs"]] == ["success"]


def test_a_service_that_is_gone_is_named(settings, supervisor, shown, files, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.0)
    gone = settings.model_copy(update={"airflow_port": 9})
    tour = Tour(gone, Admin("admin", "x", created=True), supervisor, Screen(Console(file=shown)))
    with pytest.raises(StackError, match="Airflow does not answer"):
        tour.play(files)


def test_an_admin_whose_password_nobody_knows_cannot_play(settings, supervisor, shown):
    with pytest.raises(StackError, match="needs the password"):
        Tour(settings, Admin("admin", None, created=False), supervisor, Screen(Console(file=shown)))


def test_a_red_alert_is_a_result_and_the_summary_has_just_the_agreed_fields(
    tour, files, settings, shown
):
    tour.play(files)
    written = summary(settings)
    assert list(written) == ["uploads", "runs", "dag_runs", "alerts", "peak_memory_mib", "versions"]
    (upload,) = written["uploads"]
    assert upload["file"] == "data_MAJ.csv"
    assert upload["rows_total"] == 2
    (run,) = written["runs"]
    assert set(run) == {
        *("dag_run", "family", "rows", "accuracy", "f1_0", "f1_1", "train_seconds"),
    }
    assert written["dag_runs"] == [{"id": run["dag_run"], "state": "success", "seconds": 62.5}]
    assert [alert["state"] for alert in written["alerts"]] == ["ok", "alert", "ok"]
    assert written["peak_memory_mib"] == 1234.6
    assert written["versions"]["tensorflow"][0].isdigit()
    text = shown.getvalue()
    assert "ALERTE gbc: f1_0 is 0.7500, not above 0.80" in text
    assert "snapshot: done" in text
    assert next(line for line in text.splitlines() if " gbc " in line).split()[-1] == "f1_0"


def test_each_run_is_shown_with_the_alerts_it_had_then(shown):
    collected = Summary(dag_runs=[{"id": run, "state": "success", "seconds": 1.0} for run in "ab"])
    items, scores = [], {"accuracy": 0.9, "f1_0": 0.7, "f1_1": 0.9}
    for run, state in (("a", "alert"), ("b", "ok")):
        items.append({"dag_run": run, "family": "svm", "rows": 9, "train_seconds": 1.0, **scores})
        alert = {"family": "svm", "metric": "f1_0", "value": 0.7, "threshold": 0.8, "state": state}
        collected.take_reports({"items": items, "alerts": [alert]})
    Screen(Console(file=shown, width=200)).results(collected)
    rows = [line.split() for line in shown.getvalue().splitlines() if " svm " in line]
    assert [row[-1] for row in rows] == ["f1_0", "ok"]
    assert [alert["state"] for alert in collected.alerts] == ["ok"]


def test_a_terminal_shows_a_moving_line(settings, supervisor, shown, files, monkeypatch):
    monkeypatch.setattr(module, "POLL_SECONDS", 0.01)
    console = Console(file=shown, width=120, force_terminal=True)
    admin = Admin("admin", "secret", created=True)
    Tour(settings, admin, supervisor, Screen(console)).play(files)
    assert "1/1 retrain_reviews" in shown.getvalue()

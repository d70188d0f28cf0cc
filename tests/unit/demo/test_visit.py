"""The tour on a platform that runs elsewhere, played on a fake that obeys."""

import io
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from rich.console import Console

from satispy.core.errors import StackError
from satispy.demo import visit as module
from satispy.demo.clients import Page, ReviewsApi, Unreachable
from satispy.demo.screen import Screen
from satispy.demo.visit import Visit, dag_run, passed

RUN = "api__20261121T080000Z_abcd"
SCORES = {"accuracy": 0.9, "f1_0": 0.85, "f1_1": 0.93}


def problem(status, code):
    return status, {"code": code, "detail": f"told as {code}"}


class Platform:
    """What the fake answers; tests change it."""

    def __init__(self):
        receipt = {"rows_accepted": 2, "rows_duplicate": 0, "rows_quarantined": 0}
        task = {"task": "train_gbc", "state": "success", "started_at": None, "ended_at": None}
        run = {
            "id": RUN,
            "state": "success",
            "started_at": "2026-11-21T08:00:00Z",
            "ended_at": "2026-11-21T08:01:02.5Z",
            "tasks": [task],
        }
        item = {"dag_run": RUN, "family": "gbc", "rows": 2, "train_seconds": 1.5, **SCORES}
        labels = [{"predictions": {"gbc": {"label": label}}} for label in (1, 0)]
        self.answers = {
            ("POST", "/uploadfile"): [(201, receipt | {"rows_total": 2})],
            ("POST", "/retrain"): [(202, run | {"state": "queued"})],
            ("GET", f"/retrain/{RUN}"): [(200, run)],
            ("GET", "/reports"): [(200, {"items": [item], "alerts": []})],
            ("GET", "/status"): [(200, {"serving": {"gbc": "a run"}})],
            ("POST", "/predict"): [(200, {"results": labels, "champion": "gbc"})],
            ("GET", "/_stcore/health"): [(200, "ok")],
            ("GET", "/"): [(200, "<html><title>Satispy</title>")],
        }
        self.asked = []

    def answer(self, method, path):
        """Give the next answer, the last one again and again."""
        self.asked.append(path)
        waiting = self.answers[method, path]
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


@pytest.fixture
def platform():
    fake = Platform()

    class Handler(BaseHTTPRequestHandler):
        def _reply(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, content = fake.answer(self.command, self.path)
            plain = isinstance(content, str)
            body = content.encode() if plain else json.dumps(content).encode()
            kind = "application/problem+json" if "code" in content else "application/json"
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if plain else kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _reply

        def log_message(self, *arguments):
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        fake.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield fake
        server.shutdown()
        thread.join()


@pytest.fixture
def shown():
    return io.StringIO()


@pytest.fixture
def play(platform, shown, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "POLL_SECONDS", 0.01)
    file = tmp_path / "data_MAJ.csv"
    file.write_text("Commentaire,star\nbien,5\n")

    def run():
        api, page = ReviewsApi(platform.url, "admin", "secret"), Page(platform.url)
        try:
            Visit(api, page, Screen(Console(file=shown, width=200))).play([file])
        finally:
            api.close()
            page.close()
        return shown.getvalue()

    return run


def test_a_file_that_is_refused_ends_the_tour(play, platform):
    platform.answers["POST", "/uploadfile"] = [problem(422, "too-many-bad-rows")]
    with pytest.raises(StackError, match=r"data_MAJ.csv: expected HTTP 201 .* 422: .*too-many"):
        play()


def test_a_failed_retraining_is_named_with_the_task_that_failed(play, platform):
    _, run = platform.answers["GET", f"/retrain/{RUN}"][0]
    failed = run["tasks"][0] | {"state": "failed"}
    platform.answers["GET", f"/retrain/{RUN}"] = [
        (200, run | {"state": "failed", "tasks": [failed]})
    ]
    with pytest.raises(StackError, match=rf"{RUN} ended as failed, in train_gbc"):
        play()


def test_a_retraining_without_scores_is_no_success(play, platform):
    platform.answers["GET", "/reports"] = [(200, {"items": [], "alerts": []})]
    with pytest.raises(StackError, match="has no score"):
        play()


def test_a_platform_on_which_nothing_serves_fails(play, platform):
    platform.answers["GET", "/status"] = [(200, {"serving": {}})]
    with pytest.raises(StackError, match="expected models that serve"):
        play()


def test_a_champion_that_takes_good_for_bad_fails(play, platform):
    _, answered = platform.answers["POST", "/predict"][0]
    turned = answered | {"results": answered["results"][::-1]}
    platform.answers["POST", "/predict"] = [(200, turned)]
    with pytest.raises(StackError, match=r"to answer 1 and 0 .* it answers \[0, 1\]"):
        play()


def test_a_page_that_is_not_well_fails(play, platform):
    platform.answers["GET", "/_stcore/health"] = [(503, "starting")]
    with pytest.raises(StackError, match=r"expected the page .* 503 'starting'"):
        play()


def test_an_airflow_that_never_learns_its_dag_is_told(play, platform, monkeypatch):
    monkeypatch.setattr(module, "DAG_KNOWN_SECONDS", 0.05)
    platform.answers["POST", "/retrain"] = [problem(502, "airflow-refused")]
    with pytest.raises(StackError, match=r"no retraining began within .*: told as airflow-refused"):
        play()


def test_an_airflow_that_is_away_for_good_ends_the_tour(play, platform, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.05)
    platform.answers["GET", f"/retrain/{RUN}"] = [problem(503, "airflow-away")]
    with pytest.raises(Unreachable, match="Airflow does not answer the API"):
        play()


def test_what_is_only_late_is_waited_for_and_a_file_from_before_is_no_trouble(play, platform):
    platform.answers["POST", "/uploadfile"] = [problem(409, "duplicate-upload")]
    platform.answers["POST", "/retrain"].insert(0, problem(502, "airflow-refused"))
    platform.answers["GET", f"/retrain/{RUN}"].insert(0, problem(503, "airflow-away"))
    told = play()
    assert "data_MAJ.csv: was received before" in told
    assert "run 1: success in 62.5 s" in told
    assert "serving: gbc" in told
    assert "predicted by gbc: as a person would" in told
    assert "the page answers: Satispy" in told
    assert "memory" not in told


def test_a_task_that_has_not_begun_took_no_time():
    assert passed(None, None) == 0.0
    assert passed("2026-11-21T08:00:00Z", None) == 0.0
    told = {"id": "r", "state": "queued", "started_at": None, "ended_at": None, "tasks": []}
    assert not dag_run(told).ended

"""One line per request, and its figures."""

import json
import logging
import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from satispy.core.logs import formatter

CSV = "Commentaire;star\nparfait;5\nnul;1\nnul;1\n;3\n"


class Lines(logging.Handler):
    """Renders what is logged, as the server does."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(formatter("json"))
        self.raw: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.raw.append(self.format(record))

    @property
    def requests(self) -> list[dict]:
        """The lines of the requests alone."""
        lines = [json.loads(line) for line in self.raw]
        return [line for line in lines if line["logger"] == "reviews_api.observing"]


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler, root = Lines(), logging.getLogger()
    ours = logging.getLogger("reviews_api")
    before = ours.level
    root.addHandler(handler)
    ours.setLevel(logging.INFO)
    yield handler
    root.removeHandler(handler)
    ours.setLevel(before)


def upload(api: TestClient, auth: tuple[str, str], content: str = CSV, **options):
    return api.post("/uploadfile", files={"file": ("a.csv", content)}, auth=auth, **options)


def figures(api: TestClient, auth: tuple[str, str]) -> dict[tuple, float]:
    """Return each sample by its name and the values of its labels."""
    text = api.get("/metrics", auth=auth).text
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def grown(api, admin):
    """Tell by how much a figure grew since the test began."""
    before = figures(api, admin)

    def growth(*sample: str) -> float:
        return figures(api, admin).get(sample, 0) - before.get(sample, 0)

    return growth


def test_a_request_is_one_line_with_its_route_and_nothing_of_its_query(api, user, lines):
    api.get("/uploads?page=2", auth=user, headers={"X-Request-ID": "from-the-page"})
    (line,) = lines.requests
    assert line["request_id"] == "from-the-page"
    assert (line["method"], line["route"], line["status"]) == ("GET", "/uploads", 200)
    assert (line["user"], line["client"]) == ("alice", "192.0.2.7")
    assert line["duration_ms"] > 0
    assert "page" not in " ".join(lines.raw).replace("from-the-page", "")


def test_what_is_said_during_a_request_names_it(api, home, user, lines):
    api.get("/ready", headers={"X-Request-ID": "seen"})
    told = [json.loads(line) for line in lines.raw]
    warning = next(line for line in told if line["logger"] == "reviews_api.errors")
    assert (warning["request_id"], warning["level"]) == ("seen", "warning")
    assert lines.requests[0]["code"] == "not-ready"


def test_a_refusal_before_the_route_has_its_template_all_the_same(api, lines):
    api.post("/families/svm/rollback", json={})
    (line,) = lines.requests
    assert (line["route"], line["status"]) == ("/families/{family}/rollback", 401)
    assert line["path"] == "/families/svm/rollback"
    assert "user" not in line


def test_a_defect_is_logged_and_counted(open_api, user, lines, monkeypatch):
    api = open_api()
    before = figures(api, user)
    monkeypatch.setattr(
        "reviews_api.routes.data.past_uploads", lambda *_, **__: [][1], raising=True
    )
    assert api.get("/uploads", auth=user).status_code == 500
    line = lines.requests[-1]
    assert (line["status"], line["level"], line["code"]) == (500, "error", "internal")
    after = figures(api, user)
    for sample in (
        ("satispy_http_requests_total", "GET", "/uploads", "500"),
        ("satispy_refusals_total", "internal"),
    ):
        assert after[sample] - before.get(sample, 0) == 1


FORGERIES = ["\n", "\r\n", "\x1b[2J", "\x85", "\u2028", "\u202e", "\x00"]


@pytest.mark.parametrize("forgery", FORGERIES, ids=repr)
@pytest.mark.parametrize("kind", ["json", "console"])
def test_nothing_that_is_sent_forges_a_line(api, user, lines, forgery, kind):
    lines.setFormatter(formatter(kind))
    false = f'x{forgery}{{"event": "forged"}}'
    upload(api, user, headers={"User-Agent": "x"})
    api.get("/uploads/" + "".join(f"%{byte:02X}" for byte in false.encode()), auth=user)
    api.get("/status", auth=(false, "x"))
    api.get("/status", headers={"X-Request-ID": "x{forged}", "X-Forwarded-For": "x{forged}"})
    logging.getLogger("reviews_api").warning("they sent %s", false, extra={"user": false})
    assert len(lines.raw) == 5
    for line in lines.raw:
        assert re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202e]", line) is None
        if kind == "json":
            assert json.loads(line)["event"] != "forged"


def test_a_traceback_forges_no_line_either(lines):
    lines.setFormatter(formatter("console"))
    try:
        raise ValueError("x\n12:00:00 info    reviews_api: forged")
    except ValueError:
        logging.getLogger("reviews_api").exception("failed")
    first, *rest = lines.raw[0].split("\n")
    assert first.endswith("reviews_api: failed")
    assert all(line.startswith("    ") for line in rest)


def test_figures_want_credentials(api):
    assert api.get("/metrics").status_code == 401


def test_uploads_and_rows_are_counted_by_what_became_of_them(api, admin, grown):
    key = {"Idempotency-Key": "k"}
    assert upload(api, admin, headers=key).status_code == 201
    assert upload(api, admin, headers=key).status_code == 201
    assert upload(api, admin).status_code == 409
    assert upload(api, admin, "no;reviews\n1;2\n").status_code == 422
    assert upload(api, admin, "Commentaire;star\nbon;4\n", params={"dry_run": 1}).status_code == 200
    for outcome in ("accepted", "repeated", "duplicate", "refused", "examined"):
        assert grown("satispy_uploads_total", outcome) == 1, outcome
    rows = {"accepted": 2, "duplicate": 1, "quarantined": 1}
    for outcome, count in rows.items():
        assert grown("satispy_upload_rows_total", outcome) == count
    assert grown("satispy_refusals_total", "duplicate-upload") == 1
    assert grown("satispy_http_requests_total", "POST", "/uploadfile", "201") == 2
    assert grown("satispy_http_request_seconds_count", "POST", "/uploadfile") == 5


def test_comments_are_counted_and_the_base_is_read_anew_at_each_scrape(api, user, grown):
    api.post("/comment", json={"Commentaire": "bien", "star": 4}, auth=user)
    assert grown("satispy_comments_total") == 1
    now = figures(api, user)
    assert now["satispy_dataset_version",] == 1
    assert now["satispy_dataset_rows",] == 1
    assert now["satispy_home_readable",] == 1


def test_however_many_paths_are_tried_the_labels_stay_few(api, user, grown):
    before = len(figures(api, user))
    for number in range(50):
        api.get(f"/admin/{number}.php")
        api.get(f"/uploads/{number}", auth=user)
        api.request("BREW", f"/coffee/{number}")
    assert grown("satispy_http_requests_total", "GET", "unmatched", "404") == 50
    assert grown("satispy_http_requests_total", "GET", "/uploads/{upload_id}", "404") == 50
    # each new pair of method and route brings its histogram
    assert len(figures(api, user)) - before < 100


def test_a_scraper_may_ask_for_openmetrics(api, user):
    answer = api.get("/metrics", auth=user, headers={"Accept": "application/openmetrics-text"})
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")

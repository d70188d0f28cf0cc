"""The profile `tls`: nobody behind the proxy notices that a container of the API dies."""

import random
from datetime import UTC, datetime

import pytest

from loads import ROWS, Load, comment, predict, status, upload
from running_platform import wait_for


@pytest.fixture(autouse=True)
def _profile(platform):
    if "tls" not in platform.profiles:
        pytest.skip("needs the profile tls: make init PROFILES=tls, make prod")


def rows(platform):
    return platform.api.get("/status").json()["dataset"]["rows"]


def containers(platform):
    return [*platform.containers("api"), *platform.containers("api-replica")]


def test_an_api_killed_under_load_loses_no_request_and_no_upload(platform):
    """Each dies once, by SIGKILL; whoever asks gets the answer of another."""
    wait_for(lambda: platform.api.get("/ready").status_code == 200, "a model: make tour makes one")
    before = rows(platform)
    both = containers(platform)
    assert len(both) >= 2
    asks = (predict, predict, predict, status, upload, upload, comment)
    with Load(platform.behind_proxy, *asks) as load:
        for container in both:
            soon = load.total() + 100
            wait_for(lambda soon=soon: load.total() > soon, "load")
            platform.crash(container)
            soon = load.total() + 100
            wait_for(lambda soon=soon: load.total() > soon, "load without it")
            health = ("docker", "inspect", "-f", "{{.State.Health.Status}}", container)
            wait_for(lambda health=health: platform.run(*health) == "healthy", "it is back")
    wanted = {("predict", 200), ("status", 200), ("upload", 201), ("comment", 201)}
    print(dict(load.answers), f"slowest {load.slowest:.1f} s")  # noqa: T201  the figure of the run
    assert set(load.answers) == wanted
    added = load.answers["upload", 201] * ROWS + load.answers["comment", 201]
    assert rows(platform) - before == added  # each once: neither lost nor doubled


def test_a_stranger_is_refused_before_the_file_is_read(platform):
    with platform.behind_proxy() as api:
        api.auth = None
        answer = upload(api)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_page_and_airflow_answer_behind_it(platform):
    with platform.behind_proxy("UI", 8444) as page:
        assert page.get("/_stcore/health").text == "ok"
    with platform.behind_proxy("AIRFLOW", 8445) as airflow:
        assert airflow.get("/api/v2/monitor/health").json()["scheduler"]["status"] == "healthy"
        sent_on = airflow.get("/", follow_redirects=True)
        assert sent_on.status_code == 200
        assert all(str(one.url).startswith("https://") for one in (*sent_on.history, sent_on))


ASK = """
import base64, json, ssl, sys, urllib.error, urllib.request
url, forged = sys.argv[1:]
ask = urllib.request.Request(url + "/status", headers={"X-Forwarded-For": forged,
    "Authorization": "Basic " + base64.b64encode(b"stranger:no such password").decode()})
unchecked = ssl._create_unverified_context()
try:
    urllib.request.urlopen(ask, timeout=20, context=unchecked)
except urllib.error.HTTPError as error:
    print(error.code)
"""


def test_the_audit_trail_has_the_address_of_who_asked_and_not_what_they_claim(platform):
    """Through the proxy and past it: a header of the client's own is believed by neither."""
    subnet = platform.environment.get("SATISPY_WEB_NETWORK", "172.29.80")
    # The first refusal of an address is recorded, the next ones within a minute are counted.
    through, past = (f"{subnet}.{last}" for last in random.sample(range(20, 120), 2))
    begun = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    for address, url in ((through, f"https://{subnet}.10:8443"), (past, "http://api:8000")):
        asked = platform.run(
            *("docker", "run", "--rm", "--network", f"{platform.name}_web", "--ip", address),
            *("--entrypoint", "python", "satispy-page:0.1.0", "-c", ASK, url, "203.0.113.9"),
        )
        assert asked == "401"
    wanted = {"outcome": "401", "since": begun}

    def recorded():
        items = platform.api.get("/audit", params=wanted).json()["items"]
        found = {one["source"] for one in items}
        return found if {through, past} <= found else None

    assert "203.0.113.9" not in wait_for(recorded, "both refusals in the trail", 30)

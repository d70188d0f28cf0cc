"""The really running API: whoever goes away while a batch is answered stops the work."""

import shutil
import time

import httpx2 as httpx
import pytest

from api.test_served import served
from satispy.core.settings import load_settings
from satispy.stack.ports import free_port
from satispy.workflows.opening import open_home

ROWS = 100_000
PATIENCE = 60


@pytest.fixture
def settings(trained_home, own_settings, user, monkeypatch):
    shutil.copytree(trained_home, own_settings)
    monkeypatch.setenv("SATISPY_API_PORT", str(free_port()))
    with open_home(load_settings()) as home:
        home.users.add(*user, "user")
    return load_settings()


def judged(client):
    lines = client.get("/metrics").text.splitlines()
    found = [line for line in lines if line.startswith("satispy_predictions_total")]
    return sum(float(line.split()[-1]) for line in found)


def test_whoever_goes_away_stops_the_work_and_others_are_answered_meanwhile(settings, user):
    content = ("Commentaire\n" + "Livraison rapide, je recommande.\n" * ROWS).encode()
    with served(settings) as (_, client):
        client.auth = httpx.BasicAuth(*user)
        files = {"file": ("avis.csv", content)}
        with client.stream("POST", "/predict/batch?families=all", files=files) as answer:
            assert answer.headers["x-rows"] == str(ROWS)
            pieces = answer.iter_raw()
            assert next(pieces).startswith(b"\xef\xbb\xbfCommentaire,")
            assert client.post("/predict", json={"texts": ["bien"]}).status_code == 200
        deadline, before = time.monotonic() + PATIENCE, -1.0
        while (now := judged(client)) != before:  # the part that was being answered is the last
            assert time.monotonic() < deadline, "the work goes on"
            before = now
            time.sleep(1)  # between two looks; a part takes a tenth of it
        assert 0 < now < ROWS

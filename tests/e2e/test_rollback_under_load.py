"""Two API workers under load of wrk, while what serves is taken back: nobody loses an answer."""

import base64
import re
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from crash.service import ADMIN, Service
from requires import missing
from satispy.core.settings import Settings
from satispy.workflows.opening import open_home
from several_runs import OLD, copy_run, serving_run

WITHIN_SECONDS = 5.0
LOAD_SECONDS = 8
QUESTION = {"texts": ["Colis jamais arrivé, une honte."], "families": ["svm"]}
SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "{authorization}"
wrk.body = '{{"texts": ["Colis en avance, parfait."]}}'
"""


@pytest.fixture
def home(trained_home, tmp_path):
    shutil.copytree(trained_home, tmp_path / "home")
    settings = Settings(home=tmp_path / "home")
    with open_home(settings) as opened:
        opened.users.add(*ADMIN, "admin")
    copy_run(settings, OLD)
    return settings


@pytest.fixture
def service(home):
    service = Service(home.home, workers=2)
    try:
        service.wait_until_it_answers()
        yield service
    finally:
        service.close()


def load(port: int, folder: Path) -> str:
    """Ask as fast as eight connections can; return what wrk says."""
    pair = base64.b64encode(":".join(ADMIN).encode()).decode()
    script = folder / "predict.lua"
    script.write_text(SCRIPT.format(authorization=f"Basic {pair}"))
    command = ["wrk", "-t", "1", "-c", "8", "-d", f"{LOAD_SECONDS}s", "-s", str(script)]
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{port}/predict"], capture_output=True, text=True, check=True
    )
    return done.stdout


def everywhere(port: int, run: str) -> float:
    """Wait until twenty connections in a row, which both workers share, name a run; tell when."""
    began = time.monotonic()
    while time.monotonic() - began < 2 * WITHIN_SECONDS:
        answers = []
        for _ in range(20):
            answer = httpx2.post(f"http://127.0.0.1:{port}/predict", json=QUESTION, auth=ADMIN)
            assert answer.status_code == 200
            answers.append(answer.json()["results"][0]["predictions"]["svm"]["model_version"])
        if set(answers) == {run}:
            return time.monotonic() - began
    pytest.fail(f"after {2 * WITHIN_SECONDS} s some answers still name another run than {run}")


def test_a_rollback_under_load_loses_no_request_and_answers_within_seconds(home, service, tmp_path):
    if shutil.which("wrk") is None:
        missing("wrk", "tools/install_test_parts.sh installs it")
    first = serving_run(home)
    with (
        httpx2.Client(base_url=f"http://127.0.0.1:{service.port}", auth=ADMIN) as admin,
        ThreadPoolExecutor(1) as pool,
    ):
        loaded = pool.submit(load, service.port, tmp_path)
        changes = (
            (f"/models/{OLD}/promote", OLD),
            ("/families/svm/rollback", first),
        )
        for path, run in changes:
            assert admin.post(path, json={"comment": "under load"}).status_code == 200
            assert everywhere(service.port, run) < WITHIN_SECONDS
        said = loaded.result()
    assert int(re.search(r"(\d+) requests in", said)[1]) > 500
    assert "Non-2xx" not in said
    assert "Socket errors" not in said

"""The compose file itself, wherever an engine is: a small platform comes up, answers, goes."""

import json
import subprocess
import sys

import pytest

from loads import ROWS, upload
from running_platform import wait_for
from satispy.demo.reviews import write_reviews
from satispy.demo.smoke import CASES
from small_platform import require_engine, small_platform

NOT_HERE = ("/retrain",)
"""Airflow is in the other compose file."""


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    require_engine()
    with small_platform(tmp_path_factory.mktemp("small")) as platform:
        yield platform


def test_what_compose_starts_is_healthy_and_takes_an_upload(small):
    assert small.api.get("/health").json() == {"status": "alive"}
    assert upload(small.api).status_code == 201
    assert small.api.get("/status").json()["dataset"]["rows"] == ROWS
    (page,) = small.containers("page")
    health = ("docker", "inspect", "-f", "{{.State.Health.Status}}", page)
    assert small.run(*health) == "healthy"


def test_the_api_is_back_after_a_crash_with_what_it_acknowledged(small):
    (api,) = small.containers("api")
    before = small.api.get("/status").json()["dataset"]["rows"]
    assert upload(small.api).status_code == 201
    small.crash(api)
    wait_for(lambda: small.api.get("/health").status_code == 200, "the API")
    assert small.api.get("/status").json()["dataset"]["rows"] == before + ROWS


TRAINER = "satispy-trainer:0.1.0"


def train(small, folder):
    """Upload what the tour uploads first; train on it where the workers would, without Airflow."""
    first = write_reviews(folder)[0]
    sent = {"file": (first.name, first.read_bytes(), "text/csv")}
    assert small.api.post("/uploadfile", files=sent).status_code == 201
    user = f"{small.environment['SATISPY_UID']}:{small.environment['SATISPY_GID']}"
    secret = "satispy_database_url"
    small.run(
        *("docker", "run", "--rm", "--network", f"{small.name}_data", "--user", user),
        *("--read-only", "--tmpfs", "/tmp", "--tmpfs", "/data", "--tmpfs", "/opt/home"),  # noqa: S108
        *("--volume", f"{small.name}_clean_data:/data/clean_data"),
        *("--volume", f"{small.name}_clean_model:/data/clean_model"),
        *("--volume", f"{small.secrets / secret}:/run/secrets/{secret}:ro"),
        *("--entrypoint", "/opt/satispy/bin/satispy", TRAINER, "retrain"),
    )


def test_satispy_smoke_passes_but_for_what_airflow_answers(small, tmp_path):
    built = ["docker", "image", "inspect", TRAINER]
    if subprocess.run(built, capture_output=True, check=False).returncode != 0:
        # It is TensorFlow, and takes minutes to build: `make prod` does.
        pytest.skip(f"needs the image {TRAINER} for a model to ask: make prod builds it")
    train(small, tmp_path)
    lines = CASES.read_text("utf-8").splitlines()
    asked = [line for line in lines if not json.loads(line)["ask"].split()[1].startswith(NOT_HERE)]
    assert len(lines) - len(asked) < 10 < len(asked)
    cases = tmp_path / "cases.jsonl"
    cases.write_text("\n".join(asked) + "\n", "utf-8")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "satispy.cli", "smoke", "--base-url", small.url),
            *("--cases", str(cases)),
            *("--password-file", str(small.secrets / "satispy_admin_password")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(asked)} of {len(asked)} cases are as promised" in done.stdout

"""Broken on purpose, in a real engine; each recovers without hands."""

import threading
import time

import httpx2 as httpx
import pytest

from loads import ROWS, Load, comment, status, upload
from running_platform import wait_for
from small_platform import require_engine, small_platform


def healthy(platform, service):
    state = "{{.State.Health.Status}}"
    found = [
        platform.run("docker", "inspect", "-f", state, container)
        for container in platform.containers(service)
    ]
    return found and set(found) == {"healthy"}


def test_a_worker_killed_in_the_middle_of_training_costs_a_second_try_and_no_model(platform):
    run = platform.retrain()
    _, _, host = wait_for(
        lambda: (found := platform.task(run, "train_gbc")) and found[0] == "running" and found,
        "a training that runs",
    )
    (killed,) = [one for one in platform.containers("worker") if one.startswith(host)]
    platform.crash(killed)
    told = platform.ended(run)
    assert told["state"] == "success"
    assert platform.task(run, "train_gbc")[1] == 2
    families = [name.rpartition("-")[2] for name in told["runs"]]
    assert sorted(families) == sorted(set(families))
    assert "gbc" in families


@pytest.mark.parametrize("service", ["redis", "airflow-database", "airflow-scheduler"])
def test_a_retraining_outlives_the_restart_of(platform, service):
    run = platform.retrain()
    wait_for(
        lambda: (found := platform.task(run, "preprocess")) and found[0] == "success",
        "the trainings",
    )
    (container,) = platform.containers(service)
    platform.crash(container)
    told = platform.ended(run)
    assert told["state"] == "success", told
    wait_for(lambda: healthy(platform, service), f"{service} healthy")


def test_a_database_that_restarts_loses_no_upload_that_was_acknowledged(platform):
    before = platform.api.get("/status").json()["dataset"]["rows"]
    (container,) = platform.containers("database")

    def client():
        return httpx.Client(base_url=platform.url, auth=platform.auth, timeout=60, trust_env=False)

    with Load(client, upload) as load:
        wait_for(lambda: load.count(upload, 201) >= 3, "uploads")
        platform.crash(container)
        soon = load.count(upload, 201) + 3
        wait_for(lambda: load.count(upload, 201) >= soon, "uploads after the restart")
    acknowledged = load.count(upload, 201)
    after = platform.api.get("/status").json()["dataset"]["rows"]
    # One that was cut off before its answer may be in the base, whole; none may be missing.
    assert (after - before) % ROWS == 0
    assert after - before >= acknowledged * ROWS
    verify = ("docker", "exec", platform.containers("api")[0], "satispy", "data", "verify")
    platform.run(*verify)


def test_an_api_killed_while_it_takes_uploads_loses_none_that_was_acknowledged(platform):
    before = platform.api.get("/status").json()["dataset"]["rows"]
    (container,) = platform.containers("api")
    acknowledged = 0
    killer = threading.Timer(2.0, platform.crash, (container,))
    killer.start()
    for _ in range(100_000):
        try:
            acknowledged += upload(platform.api).status_code == 201
        except httpx.TransportError:
            break
    killer.join()
    wait_for(lambda: platform.api.get("/health").status_code == 200, "the API")
    after = platform.api.get("/status").json()["dataset"]["rows"]
    assert acknowledged >= 1
    assert after - before in (acknowledged * ROWS, (acknowledged + 1) * ROWS)


CUT_SECONDS = 100
"""Longer than the 60 s after which Airflow gives a task that is not heard of a second try."""


def test_a_worker_that_is_cut_off_in_the_middle_of_training_leaves_one_model(platform):
    """It reaches no database, no queue and no Airflow, trains on, and is back in the end."""
    run = platform.retrain()
    _, _, host = wait_for(
        lambda: (found := platform.task(run, "train_gbc")) and found[0] == "running" and found,
        "a training that runs",
    )
    (cut,) = [one for one in platform.containers("worker") if one.startswith(host)]
    network = f"{platform.name}_data"
    platform.run("docker", "network", "disconnect", network, cut)
    try:
        ends = time.monotonic() + CUT_SECONDS
        wait_for(lambda: time.monotonic() > ends, "the cut", CUT_SECONDS + 10)
    finally:
        platform.run("docker", "network", "connect", "--alias", "worker", network, cut)
    told = platform.ended(run)
    assert told["state"] == "success", told
    families = [name.rpartition("-")[2] for name in told["runs"]]
    assert sorted(families) == sorted(set(families))
    assert "gbc" in families
    wait_for(lambda: healthy(platform, "worker"), "workers healthy")
    again = platform.ended(platform.retrain())  # both work on
    assert again["state"] == "success", again


SMALL_VOLUME = """
services:
  keeper: # such a volume is empty again as soon as nobody mounts it
    image: satispy-api:0.1.0
    command: [sleep, infinity]
    init: true
    network_mode: none
    healthcheck: { test: [CMD, "true"], interval: 1s }
    volumes: ["clean_data:/data/clean_data"]
  prepare: { depends_on: { keeper: { condition: service_started } } }
volumes:
  clean_data:
    driver_opts: { type: tmpfs, device: tmpfs, o: "size=24m,mode=1777" }
"""
FILL = "dd if=/dev/zero of=/data/clean_data/filler bs=64k 2>/dev/null; true"


def test_a_full_volume_refuses_uploads_with_507_and_takes_them_again_when_there_is_room(tmp_path):
    require_engine()
    small = tmp_path / "small.yml"
    small.write_text(SMALL_VOLUME)
    with small_platform(tmp_path, small) as platform:
        (api,) = platform.containers("api")
        assert upload(platform.api).status_code == 201
        platform.run("docker", "exec", api, "sh", "-c", FILL)
        refused = upload(platform.api)
        assert (refused.status_code, refused.json()["code"]) == (507, "storage-full")
        assert comment(platform.api).status_code == 507
        assert status(platform.api).json()["dataset"]["rows"] == ROWS  # reading goes on
        platform.run("docker", "exec", api, "rm", "/data/clean_data/filler")
        assert upload(platform.api).status_code == 201
        assert status(platform.api).json()["dataset"]["rows"] == 2 * ROWS
        platform.run("docker", "exec", api, "satispy", "data", "verify")
        assert healthy(platform, "api")

"""Workers of the profile `s3` on a platform that runs: they share an object store and no disk."""

import json

import pytest


def mounted(platform, container):
    told = platform.run("docker", "inspect", "-f", "{{json .Mounts}}", container)
    return {one["Destination"]: one["Name"] for one in json.loads(told) if one["Type"] == "volume"}


@pytest.fixture
def workers(platform):
    found = platform.containers("worker-store")
    if not found:
        pytest.skip("needs worker-store: SATISPY_STORE, make init PROFILES=s3, make prod")
    assert not platform.containers("worker"), "expected SATISPY_WORKERS=0 beside worker-store"
    return found


def test_no_worker_shares_a_disk_with_the_api_or_another_worker(platform, workers):
    (api,) = platform.containers("api")
    data = ("/data/clean_data", "/data/clean_model")
    disks = [mounted(platform, one)[place] for one in [api, *workers] for place in data]
    assert len(disks) == len(set(disks))


def test_a_retraining_spreads_over_the_workers_and_the_api_serves_what_they_made(platform, workers):
    assert len(workers) > 1
    run = platform.retrain()
    told = platform.ended(run)
    assert told["state"] == "success", told
    families = [name.rpartition("-")[2] for name in told["runs"]]
    hosts = {platform.task(run, f"train_{family}")[2] for family in families}
    assert len(families) == len(set(families)) > 1
    assert len(hosts) > 1
    known = {one["run"]: one["state"] for one in platform.api.get("/models").json()["items"]}
    assert set(told["runs"]) <= set(known)
    assert platform.api.post("/predict", json={"texts": ["Très bien"]}).status_code == 200

"""The profiles `monitoring` and `mlflow` on a platform that runs."""

import httpx2 as httpx
import pytest

from running_platform import wait_for


def needs(platform, profile, service):
    if not platform.containers(service):
        pytest.skip(f"needs {service}: make init PROFILES={profile}, make prod")


def published(platform, what, port, **more):
    port = platform.environment.get(f"SATISPY_{what}_PORT", port)
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False, **more)


def test_prometheus_reads_each_container_of_the_api_and_knows_the_rules(platform):
    needs(platform, "monitoring", "prometheus")
    apis = len(platform.containers("api") + platform.containers("api-replica"))
    with published(platform, "PROMETHEUS", 9090) as prometheus:

        def up():
            told = prometheus.get("/api/v1/targets").json()["data"]["activeTargets"]
            ours = [one for one in told if one["labels"]["job"] == "satispy"]
            return len(ours) == apis and {one["health"] for one in ours} == {"up"}

        wait_for(up, f"{apis} targets up")
        (group,) = prometheus.get("/api/v1/rules").json()["data"]["groups"]
        wait_for(
            lambda: (
                {
                    rule["health"]
                    for rule in prometheus.get("/api/v1/rules").json()["data"]["groups"][0]["rules"]
                }
                == {"ok"}
            ),
            "rules that were evaluated",
        )
        assert len(group["rules"]) > 5
        answer = prometheus.get("/api/v1/query", params={"query": "max(satispy_dataset_rows)"})
        ((_, rows),) = (one["value"] for one in answer.json()["data"]["result"])
        assert int(rows) > 0


def test_mlflow_asks_for_a_password_and_was_told_of_the_runs(platform):
    needs(platform, "mlflow", "mlflow")
    serving = platform.api.get("/status").json()["serving"]
    assert serving, "expected models that serve: make tour makes some"
    password = (platform.secrets / "mlflow_password").read_text().strip()
    search = "/api/2.0/mlflow/experiments/search"
    with published(platform, "MLFLOW", 5000) as stranger:
        assert stranger.get(search, params={"max_results": 10}).status_code == 401
    with published(platform, "MLFLOW", 5000, auth=("satispy", password)) as mlflow:

        def told():
            found = mlflow.get(search, params={"max_results": 10}).json()["experiments"]
            names = {one["name"]: one["experiment_id"] for one in found}
            if "satispy" not in names:
                return None
            asked = {"experiment_ids": [names["satispy"]], "max_results": 100}
            runs = mlflow.post("/api/2.0/mlflow/runs/search", json=asked).json().get("runs", [])
            return {tag["value"] for run in runs for tag in run["data"]["tags"]}

        tags = wait_for(told, "the experiment `satispy`")
        assert len(tags) > 3
        family, former = next(iter(serving.items()))
        bearer = {"name": f"satispy-{family}", "alias": "serving"}
        answer = platform.api.post(f"/families/{family}/rollback", json={"comment": "a trial"})
        assert answer.status_code == 200, answer.text
        try:
            run = answer.json()["decision"]["run"]

            def follows():
                alias = mlflow.get("/api/2.0/mlflow/registered-models/alias", params=bearer).json()
                tags = alias.get("model_version", {}).get("tags", [])
                return run in {tag["value"] for tag in tags}

            wait_for(follows, "the alias at what was rolled back to")
        finally:
            back = platform.api.post(f"/models/{former}/promote", json={"comment": "a trial ends"})
            assert back.status_code == 200, back.text

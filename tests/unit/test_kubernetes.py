"""The manifests, as Kubernetes' schemas and as this repository wants them."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from requires import missing

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"
VALUES = yaml.safe_load((FOLDER / "airflow-values.yaml").read_text("utf-8"))
FILES = [
    path
    for path in sorted(FOLDER.rglob("*.yaml"))
    if path.name not in ("airflow-values.yaml", "kustomization.yaml")
]
OBJECTS = [one for path in FILES for one in yaml.safe_load_all(path.read_text("utf-8"))]
PODS = [
    pytest.param(one["spec"]["template"]["spec"], id=one["metadata"]["name"])
    for one in OBJECTS
    if one["kind"] in ("Deployment", "Job")
]
VALIDATE = ROOT / ".venv-release" / "bin" / "kubernetes-validate"
READ_BELOW = ROOT / "docs" / "kubernetes.md"


def test_kubernetes_would_take_every_manifest(tmp_path):
    """Strictly: an unknown field, which Kubernetes would drop unseen, is refused."""
    if not VALIDATE.exists():
        missing("kubernetes-validate", "python3 tools/bootstrap.py release")
    done = subprocess.run(
        [VALIDATE, "--strict", *FILES], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text((FOLDER / "api.yaml").read_text("utf-8").replace("replicas:", "replica:"))
    done = subprocess.run([VALIDATE, "--strict", wrong], capture_output=True, check=False)
    assert done.returncode != 0


def test_kustomize_names_files_that_exist_and_images_with_the_version():
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.M)[1]
    for place in FOLDER.rglob("kustomization.yaml"):
        asked = yaml.safe_load(place.read_text("utf-8"))
        assert all((place.parent / name).is_file() for name in asked["resources"])
        assert {image["newTag"] for image in asked["images"]} == {version}
    assert VALUES["images"]["airflow"]["tag"] == version


@pytest.mark.parametrize("pod", PODS)
def test_no_pod_is_root_writes_into_its_image_or_asks_kubernetes(pod):
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    # Its token would lie in /run/secrets, where ours are mounted.
    assert pod["automountServiceAccountToken"] is False
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"cpu", "memory"} <= set(container["resources"]["limits"])
        assert {"cpu", "memory"} <= set(container["resources"]["requests"])
        assert ":latest" not in container["image"]


@pytest.mark.parametrize("pod", PODS)
def test_what_is_mounted_is_there_and_no_worker_sees_what_signs_tokens(pod):
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    claims = {one["metadata"]["name"] for one in OBJECTS if one["kind"] == "PersistentVolumeClaim"}
    for volume in volumes.values():
        if "persistentVolumeClaim" in volume:
            assert volume["persistentVolumeClaim"]["claimName"] in claims
    for container in pod["containers"]:
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        assert mounted == set(volumes)
        assert ("home" in mounted) == (container["name"] in ("api", "prepare"))


def test_what_answers_runs_twice_is_watched_and_kept_while_nodes_go():
    kept = {
        one["spec"]["selector"]["matchLabels"]["app.kubernetes.io/name"]
        for one in OBJECTS
        if one["kind"] == "PodDisruptionBudget"
    }
    for one in OBJECTS:
        name = one["metadata"]["name"]
        if one["kind"] == "Deployment" and name in ("api", "page"):
            (container,) = one["spec"]["template"]["spec"]["containers"]
            assert one["spec"]["replicas"] >= 2
            assert {"startupProbe", "readinessProbe", "livenessProbe"} <= set(container)
            assert name in kept
    assert kept == {"api", "page"}


def test_what_several_pods_write_to_is_shared():
    claims = [one for one in OBJECTS if one["kind"] == "PersistentVolumeClaim"]
    assert {claim["metadata"]["name"] for claim in claims} == {"home", "clean-data", "clean-model"}
    assert all(claim["spec"]["accessModes"] == ["ReadWriteMany"] for claim in claims)


def test_nobody_comes_in_who_is_not_named():
    policies = {one["metadata"]["name"]: one for one in OBJECTS if one["kind"] == "NetworkPolicy"}
    assert policies["nobody-comes-in"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress"]}
    for name, policy in policies.items():
        if name != "nobody-comes-in":
            assert all(rule["from"] for rule in policy["spec"]["ingress"])
    page = policies["the-page"]["spec"]
    assert "Egress" in page["policyTypes"]


def test_no_secret_stands_in_a_file_but_each_is_named_in_the_document():
    text = READ_BELOW.read_text("utf-8")
    assert [one for one in OBJECTS if one["kind"] == "Secret"] == []
    everything = "".join(path.read_text("utf-8") for path in FOLDER.rglob("*.yaml"))
    named = set(
        re.findall(r"(?:secretName|SecretName|secretKeyRef: \{ name): ([\w-]+)", everything)
    )
    assert {"satispy", "satispy-worker", "airflow-metadata"} <= named
    assert [name for name in named if f"`{name}`" not in text] == []


def test_the_charts_values_say_what_the_compose_file_says():
    compose = yaml.safe_load((ROOT / "airflow" / "docker-compose.yml").read_text("utf-8"))
    said = compose["x-airflow"]["environment"]
    for section in ("scheduler", "operators", "celery_broker_transport_options"):
        for option, value in VALUES["config"][section].items():
            assert said[f"AIRFLOW__{section.upper()}__{option.upper()}"] == str(value), option
    assert VALUES["config"]["core"]["auth_manager"] == said["AIRFLOW__CORE__AUTH_MANAGER"]
    lock = (ROOT / "requirements" / "airflow-image.txt").read_text("utf-8")
    assert f"\napache-airflow=={VALUES['airflowVersion']} " in lock
    assert not VALUES["postgresql"]["enabled"]
    assert not VALUES["redis"]["enabled"]


def test_each_queue_has_workers():
    assert "--queues cpu " in VALUES["workers"]["args"][-1]
    dockerfile = (ROOT / "airflow" / "Dockerfile").read_text("utf-8")
    gpu = dockerfile.partition("FROM orchestrator AS trainer-gpu\n")[2].partition("\nFROM ")[0]
    assert 'CMD ["celery", "worker", "--queues", "gpu"]' in gpu
    assert "FROM trainer AS chart" in dockerfile

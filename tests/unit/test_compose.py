"""The two compose files, as they are written and as `docker compose` reads them."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tool_module import load

ROOT = Path(__file__).resolve().parents[2]
FILES = {name: ROOT / name for name in ("docker-compose.yml", "airflow/docker-compose.yml")}
WRITTEN = {name: yaml.safe_load(path.read_text("utf-8")) for name, path in FILES.items()}
SERVICES = [
    pytest.param(service, id=f"{name}:{called}")
    for name, content in WRITTEN.items()
    for called, service in content["services"].items()
]
HERE = r"127\.0\.0\.1|\$\{SATISPY_TLS_ADDRESS:-127\.0\.0\.1\}"
FROM_OUTSIDE = re.compile(rf"(?:{HERE}):\$\{{SATISPY_\w+:-\d+\}}:\d+")
PLAIN = {"satispy_database_password", "airflow_database_password", "redis_password"}
"""Secrets of the servers themselves, which are mounted nowhere else."""


@pytest.fixture
def compose(tmp_path):
    """Return what `docker compose config` makes of a file, with all its profiles."""
    if not shutil.which("docker"):
        # An engine is not ours to install, so that its absence is no failure even in CI.
        pytest.skip("needs docker with its compose plugin")

    def ask(name, **environment):
        done = subprocess.run(
            [
                *("docker", "compose", "--file", FILES[name], "--profile", "*"),
                *("config", "--format", "json"),
            ],
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(tmp_path),
                "COMPOSE_DISABLE_ENV_FILE": "1",
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        return done

    return ask


SAID = {"SATISPY_UID": "10001", "SATISPY_GID": "10001", "SATISPY_SECRETS": "/secrets"}


@pytest.mark.parametrize("name", FILES)
def test_without_make_init_compose_says_what_to_do(name, compose):
    done = compose(name)
    assert done.returncode != 0
    assert "run make init first" in done.stderr


@pytest.mark.parametrize("name", FILES)
def test_compose_reads_the_file_with_all_profiles(name, compose):
    done = compose(name, **SAID)
    assert (done.returncode, done.stderr) == (0, "")
    read = json.loads(done.stdout)
    assert set(read["services"]) == set(WRITTEN[name]["services"])


def test_without_a_profile_four_services_run_and_each_profile_adds_its_own():
    services = dict(WRITTEN["docker-compose.yml"]["services"])
    services["mlflow-sync"] = WRITTEN["airflow/docker-compose.yml"]["services"]["mlflow-sync"]
    by_profile = {}
    for name, service in services.items():
        (profile,) = service.get("profiles", [""])
        by_profile.setdefault(profile, set()).add(name)
    assert by_profile[""] == {"database", "prepare", "api", "page"}
    assert by_profile["tls"] == {"proxy", "api-replica"}
    assert by_profile["monitoring"] == {"monitoring-prepare", "prometheus", "grafana"}
    assert by_profile["mlflow"] == {"mlflow", "mlflow-sync"}


@pytest.mark.parametrize("name", FILES)
def test_a_second_platform_on_one_machine_shares_nothing_with_the_first(name, compose):
    one, other = (json.loads(compose(name, **SAID, SATISPY_NAME=n).stdout) for n in ("a", "b"))
    for kind in ("networks", "volumes"):
        names = [{part["name"] for part in read[kind].values()} for read in (one, other)]
        assert names[0]
        assert not names[0] & names[1]


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_is_bounded_and_gives_up_what_it_does_not_need(service):
    limits = service["deploy"]["resources"]["limits"]
    assert {"cpus", "memory"} <= set(limits)
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}
    assert service["restart"] in ("unless-stopped", "no")
    assert not service.get("privileged")


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_is_watched_or_runs_once(service):
    """An image of ours brings its own check; a compose file may not switch it off but for a job."""
    image = service["image"]
    own = image.startswith(("satispy-api:", "satispy-page:", "satispy-mlflow:"))
    switched_off = service.get("healthcheck", {}).get("disable", False)
    assert (service["restart"] == "no") or (("healthcheck" in service or own) and not switched_off)


@pytest.mark.parametrize("service", SERVICES)
def test_ports_are_published_on_this_machine_alone(service, request):
    published = service.get("ports", [])
    assert [port for port in published if not FROM_OUTSIDE.fullmatch(port)] == []
    if not published and "api-replica" not in request.node.name:
        ways_out = ["store"] if "worker-store" in request.node.name else []
        assert service["networks"] == ["data", *ways_out]


def test_no_two_services_publish_one_port():
    """Nor do replicas of one: what has several containers publishes none."""
    services = [one for content in WRITTEN.values() for one in content["services"].values()]
    published = [port.split(":-")[-1] for one in services for port in one.get("ports", [])]
    assert len(published) == len(set(published))
    several = [one for one in services if "replicas" in one["deploy"]]
    assert len(several) == 3  # api-replica, worker, worker-store
    assert not any(one.get("ports") for one in several)


def test_the_api_believes_the_proxy_and_nobody_else():
    """Its address lies outside of the half from which the engine gives addresses."""
    content = WRITTEN["docker-compose.yml"]
    (network,) = content["networks"]["web"]["ipam"]["config"]
    address = content["services"]["proxy"]["networks"]["web"]["ipv4_address"]
    assert address == network["subnet"].replace(".0/24", ".10")
    assert network["ip_range"].endswith(".128/25")
    assert content["services"]["api"]["environment"]["SATISPY_TRUSTED_PROXIES"] == address
    airflow = WRITTEN["airflow/docker-compose.yml"]["services"]["airflow-api-server"]
    assert airflow["environment"]["FORWARDED_ALLOW_IPS"] == address


@pytest.mark.parametrize("service", SERVICES)
def test_no_image_is_whatever_is_newest(service):
    tag = service["image"].partition(":")[2]
    assert tag
    assert "latest" not in tag


@pytest.mark.parametrize("service", SERVICES)
def test_no_variable_holds_a_secret(service):
    """`docker inspect` shows variables; files below /run/secrets it does not."""
    for name, value in service.get("environment", {}).items():
        if re.search(r"PASSWORD|SECRET|KEY|TOKEN|CONN|BROKER|BACKEND", name):
            assert name.endswith(("_FILE", "_CMD")) or "TRANSPORT_OPTIONS" in name, name
            assert "/run/secrets/" in value or value.isdigit(), name


def test_whoever_takes_a_secret_begins_anew_when_it_changes():
    """Compose sees no change in a file. A database keeps the password that it was made with."""
    for content in WRITTEN.values():
        labelled = {name for name, service in content["services"].items() if "labels" in service}
        taking = {name for name, service in content["services"].items() if service.get("secrets")}
        assert labelled == {name for name in taking if not name.endswith("database")}
        for name in labelled:
            label = content["services"][name]["labels"]["satispy.secrets-mark"]
            assert label == "${SATISPY_SECRETS_MARK:-}"


def test_the_proxy_asks_no_authority_outside_for_a_certificate():
    caddyfile = (ROOT / "services" / "proxy" / "Caddyfile").read_text("utf-8")
    assert re.search(r"^\tlocal_certs\b", caddyfile, re.MULTILINE)
    environment = WRITTEN["docker-compose.yml"]["services"]["proxy"]["environment"]
    read = set(re.findall(r"\{\$(\w+)\}", caddyfile))
    assert read == {name for name in environment if not name.startswith("XDG_")}


def test_databases_and_queues_stand_in_a_network_that_leads_nowhere():
    network = WRITTEN["docker-compose.yml"]["networks"]["data"]
    assert network["internal"] is True
    for content in WRITTEN.values():
        for service in content["services"].values():
            if service["image"].startswith(("postgres:", "redis:")):
                assert service["networks"] == ["data"]
            else:
                assert not PLAIN & set(service.get("secrets", []))


def test_the_orchestrator_holds_no_secret_of_the_platform():
    """Whoever gets into Airflow's web server finds no way to the reviews."""
    for name in ("airflow-api-server", "airflow-dag-processor", "airflow-prepare"):
        secrets = WRITTEN["airflow/docker-compose.yml"]["services"][name]["secrets"]
        assert [one for one in secrets if one.startswith("satispy_")] == []


def test_a_worker_that_reads_from_the_store_shares_no_disk_with_the_api():
    content = WRITTEN["airflow/docker-compose.yml"]
    worker = content["services"]["worker-store"]
    assert worker["profiles"] == ["s3"]
    assert worker["environment"]["SATISPY_BASE_HERE"] == "false"
    shared = {name for name, volume in content["volumes"].items() if (volume or {}).get("external")}
    assert not shared & {mount.partition(":")[0] for mount in worker["volumes"]}


def test_who_speaks_to_mlflow_alone_holds_no_other_secret():
    told = WRITTEN["airflow/docker-compose.yml"]["services"]["mlflow-sync"]
    assert (told["secrets"], told["environment"]) == (["satispy_mlflow_uri"], {})


def test_a_restore_stops_whoever_writes_what_it_puts_back():
    tool, writing = load("backup"), set()
    for content in WRITTEN.values():
        for name, service in content["services"].items():
            mounts = [mount.split(":") for mount in service.get("volumes", []) if ":" in mount]
            if any(one[0] in ("clean_data", "clean_model") and one[-1] != "ro" for one in mounts):
                writing.add(name)
    once = {"prepare", "monitoring-prepare"}
    assert writing - once <= {*tool.WRITERS, *tool.WORKERS, *tool.ORCHESTRATOR}
    assert {"api", "worker", "mlflow-sync"} <= writing


def test_each_worker_works_on_a_queue_of_its_own():
    """A card is asked for by the profile `gpu` alone; no other task waits for it."""
    services = WRITTEN["airflow/docker-compose.yml"]["services"]
    queues = {name: service["command"][3] for name, service in services.items() if "worker" in name}
    assert queues == {"worker": "cpu", "worker-store": "cpu", "worker-gpu": "gpu"}
    assert services["worker-gpu"]["profiles"] == ["gpu"]
    with_card = [
        name
        for name, service in services.items()
        if "devices" in service["deploy"]["resources"].get("reservations", {})
    ]
    assert with_card == ["worker-gpu"]
    default = services["airflow-scheduler"]["environment"]["AIRFLOW__OPERATORS__DEFAULT_QUEUE"]
    assert default == "cpu"

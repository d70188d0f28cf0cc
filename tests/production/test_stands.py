"""What is promised of a platform that stands: who runs, who reaches what, what is seen."""

import json
import re

import pytest

INSIDE = {"database": 5432, "airflow-database": 5432, "redis": 6379}
OURS = (
    *("api", "page", "airflow-api-server", "airflow-scheduler", "airflow-dag-processor", "worker"),
)
CONNECT = (
    "import socket, sys\n"
    "try:\n"
    "    socket.create_connection((sys.argv[1], int(sys.argv[2])), 3)\n"
    "except OSError as error:\n"
    "    print(type(error).__name__)\n"
    "else:\n"
    "    print('open')\n"
)


def reach(platform, service, host, port):
    container = platform.containers(service)[0]
    return platform.run("docker", "exec", container, "python", "-c", CONNECT, host, str(port))


@pytest.mark.parametrize(("host", "port"), INSIDE.items())
def test_the_page_reaches_no_database_and_no_queue(platform, host, port):
    assert reach(platform, "page", host, port) != "open"


@pytest.mark.parametrize("service", ["worker", "airflow-scheduler", "airflow-dag-processor"])
def test_what_stands_inside_reaches_nothing_outside(platform, service):
    assert reach(platform, service, "192.0.2.1", 443) != "open"
    assert reach(platform, service, "airflow-api-server", 8080) == "open"


@pytest.mark.parametrize("service", OURS)
def test_nobody_of_ours_is_root_or_writes_where_it_need_not(platform, service):
    for container in platform.containers(service):
        assert platform.run("docker", "exec", container, "id", "-u") != "0"
        (told,) = json.loads(platform.run("docker", "inspect", container))
        assert told["HostConfig"]["ReadonlyRootfs"] is True
        assert told["HostConfig"]["CapDrop"] == ["ALL"]
        assert told["HostConfig"]["Memory"] > 0


def test_no_secret_is_seen_in_the_engine_or_in_the_logs(platform):
    secrets = [path.read_text().strip() for path in platform.secrets.iterdir()]
    parts = {part for secret in secrets for part in re.split(r"[:@/,]+", secret) if len(part) > 30}
    assert len(parts) >= 9
    for service in (*OURS, *INSIDE):
        for container in platform.containers(service):
            seen = platform.run("docker", "inspect", container)
            seen += platform.run("sh", "-c", f"docker logs {container} 2>&1")
            assert [part[:4] for part in parts if part in seen] == [], service


def test_no_image_holds_a_secret_or_a_compiler(platform):
    for service in ("api", "page", "airflow-api-server", "worker"):
        container = platform.containers(service)[0]
        found = platform.run(
            *("docker", "exec", container, "sh", "-c"),
            "command -v gcc cc g++ make; ls /run/secrets | wc -l; ls -d /app/secrets; true",
        )
        assert "/app/secrets" not in found
        assert not re.search(r"gcc|/cc|g\+\+|make", found)

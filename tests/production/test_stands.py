"""What is promised of a platform that stands: who runs, who reaches what, what is seen."""

import json
import re

import pytest

INSIDE = {"database": 5432, "airflow-database": 5432, "redis": 6379}
OURS = (
    *("api", "page", "airflow-api-server", "airflow-scheduler", "airflow-dag-processor", "worker"),
)
WITH_PROFILE = {
    "tls": ("api-replica", "proxy"),
    "mlflow": ("mlflow",),
    "monitoring": ("prometheus",),
}
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


def everything(platform):
    """All services that run, with their containers."""
    more = [one for profile, some in WITH_PROFILE.items() for one in some]
    found = {one: platform.containers(one) for one in (*OURS, *INSIDE, *more)}
    return {service: containers for service, containers in found.items() if containers}


def test_what_a_profile_runs_is_there(platform):
    for profile in platform.profiles & set(WITH_PROFILE):
        for service in WITH_PROFILE[profile]:
            assert platform.containers(service), service


def test_nobody_is_root_or_writes_where_it_need_not(platform):
    """But for the databases' and Redis' first process, which becomes their own user."""
    for service, containers in everything(platform).items():
        for container in containers:
            users = platform.run("docker", "top", container, "-eo", "pid,uid,comm").splitlines()[1:]
            started = [line.split(maxsplit=2)[1:] for line in users]
            assert [name for uid, name in started if uid == "0" and name != "docker-init"] == []
            (told,) = json.loads(platform.run("docker", "inspect", container))
            assert told["HostConfig"]["CapDrop"] == ["ALL"]
            assert told["HostConfig"]["SecurityOpt"] == ["no-new-privileges:true"]
            assert told["HostConfig"]["Memory"] > 0
            if service not in INSIDE:
                assert told["Config"]["User"] not in ("", "0", "root")
                assert told["HostConfig"]["ReadonlyRootfs"] is True


@pytest.fixture
def secrets(platform):
    """What must be seen nowhere: the secrets, and the passwords within addresses."""
    files = [path.read_text().strip() for path in platform.secrets.iterdir() if path.is_file()]
    parts = {part for secret in files for part in re.split(r"[:@/,]+", secret) if len(part) > 30}
    assert len(parts) >= 12
    return parts


def test_no_secret_is_seen_in_the_engine_or_in_the_logs(platform, secrets):
    for service, containers in everything(platform).items():
        for container in containers:
            seen = platform.run("docker", "inspect", container)
            seen += platform.run("sh", "-c", f"docker logs {container} 2>&1")
            seen += platform.run("docker", "top", container, "-eo", "pid,args")
            assert [part[:4] for part in secrets if part in seen] == [], service


def test_no_image_and_no_file_system_holds_a_secret(platform, secrets, tmp_path):
    """In layers, history and settings of images; in what containers wrote beside volumes."""
    wanted = tmp_path / "secrets"
    wanted.write_text("\n".join(secrets) + "\n")
    found = everything(platform)
    images = {
        platform.run("docker", "inspect", "-f", "{{.Config.Image}}", containers[0])
        for containers in found.values()
    }
    assert len(images) >= 6
    for image in images:
        history = platform.run("docker", "history", "--no-trunc", image)
        history += platform.run("docker", "image", "inspect", image)
        assert [part[:4] for part in secrets if part in history] == [], image
        count = f"docker save {image} | LC_ALL=C grep -a -c -F -f {wanted}"
        assert platform.run("sh", "-c", f"{count} || true") == "0", image
    for service in INSIDE:
        count = f"docker export {found[service][0]} | LC_ALL=C grep -a -c -F -f {wanted}"
        assert platform.run("sh", "-c", f"{count} || true") == "0", service


SCAN = """
import json, socket, sys
from concurrent.futures import ThreadPoolExecutor

def reached(host, port):
    with socket.socket() as one:
        one.settimeout(1)
        return one.connect_ex((host, port)) == 0

def of(host):
    return [port for port in range(1, 65536) if reached(host, port)]

hosts, few = json.loads(sys.argv[1]), json.loads(sys.argv[2])
with ThreadPoolExecutor(64) as pool:
    if few:  # most are dropped without a word, which takes its second each
        pairs = [(host, port) for host in hosts for port in few]
        opened = [pair for pair, is_open in zip(pairs, pool.map(reached, *zip(*pairs))) if is_open]
        print(json.dumps({host: [port for one, port in opened if one == host] for host in hosts}))
    else:
        print(json.dumps(dict(zip(hosts, pool.map(of, hosts)))))
"""
MEANT = {
    "api": [8000],
    "api-replica": [8000],
    "page": [8501],
    "proxy": [8443, 8444, 8445],
    "mlflow": [5000],
    "prometheus": [9090],
    "airflow-api-server": [8080],
    "airflow-scheduler": [8974],  # its health, and for tasks that it runs itself their logs
    "airflow-dag-processor": [],
    "worker": [8793],  # the logs of tasks that run
    "database": [5432],
    "airflow-database": [5432],
    "redis": [6379],
}
"""What listens; whoever stands in one network with it may connect."""


def addresses(platform, network):
    """Return service and address of each container in a network."""
    form = '{{with index .NetworkSettings.Networks "' + network + '"}}{{.IPAddress}}{{end}}'
    return {
        address: service
        for service, containers in everything(platform).items()
        for container in containers
        if (address := platform.run("docker", "inspect", "-f", form, container))
    }


def scanned(platform, network, hosts, ports):
    """Return the open ports by address, as a container in a network finds them."""
    told = platform.run(
        *("docker", "run", "--rm", "--network", network, "--user", "10001", "--cap-drop", "ALL"),
        *("--entrypoint", "python", "satispy-page:0.1.0", "-c", SCAN),
        *(json.dumps(hosts), json.dumps(ports)),
    )
    return json.loads(told)


@pytest.mark.parametrize("kind", ["web", "data"])
def test_of_all_ports_those_within_one_network_are_open_that_are_meant_to_be(platform, kind):
    network = f"{platform.name}_{kind}"
    known = addresses(platform, network)
    assert known
    if kind == "web":
        assert not {"database", "airflow-database", "redis", "worker"} & set(known.values())
    found = scanned(platform, network, list(known), [])
    assert {f"{known[host]} {host}": ports for host, ports in found.items()} == {
        f"{service} {host}": MEANT[service] for host, service in known.items()
    }


def test_from_one_network_nothing_of_the_other_is_reached(platform):
    web, data = (addresses(platform, f"{platform.name}_{kind}") for kind in ("web", "data"))
    ports = sorted({port for some in MEANT.values() for port in some})
    for network, hosts in ((f"{platform.name}_web", data), (f"{platform.name}_data", web)):
        found = scanned(platform, network, list(hosts), ports)
        assert {host: ports for host, ports in found.items() if ports} == {}


def test_a_container_in_neither_network_reaches_nothing(platform):
    """Nor by the machine's own address: what is published is published on the loopback."""
    hosts = [
        address
        for kind in ("web", "data")
        for address in addresses(platform, f"{platform.name}_{kind}")
    ]
    gateway = "{{(index .IPAM.Config 0).Gateway}}"
    hosts.append(platform.run("docker", "network", "inspect", "-f", gateway, "bridge"))
    published = [int(port) for name, port in platform.environment.items() if "_PORT" in name]
    ports = sorted({*published, *(port for some in MEANT.values() for port in some)})
    found = scanned(platform, "bridge", hosts, ports)
    assert {host: ports for host, ports in found.items() if ports} == {}


def test_no_image_holds_a_secret_or_a_compiler(platform):
    for service in ("api", "page", "airflow-api-server", "worker"):
        container = platform.containers(service)[0]
        found = platform.run(
            *("docker", "exec", container, "sh", "-c"),
            "command -v gcc cc g++ make; ls /run/secrets | wc -l; ls -d /app/secrets; true",
        )
        assert "/app/secrets" not in found
        assert not re.search(r"gcc|/cc|g\+\+|make", found)

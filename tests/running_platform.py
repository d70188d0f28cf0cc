"""A platform of `make prod` that runs, as tests look at it and break it."""

import os
import signal
import ssl
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx2 as httpx

SECONDS = 300.0


class Platform:
    """Speaks to the API, and to the engine below it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        lines = (root / ".env").read_text(encoding="utf-8").splitlines()
        self.environment = dict(line.split("=", 1) for line in lines if "=" in line)
        self.secrets = Path(self.environment["SATISPY_SECRETS"])
        password = (self.secrets / "satispy_admin_password").read_text().strip()
        port = self.environment.get("SATISPY_API_PORT", "8000")
        self.url = f"http://127.0.0.1:{port}"
        self.api = httpx.Client(
            base_url=self.url, auth=("admin", password), timeout=60, trust_env=False
        )
        self.auth = ("admin", password)
        self.name = self.environment.get("SATISPY_NAME", "satispy")

    @property
    def profiles(self) -> set[str]:
        """The profiles that run."""
        return set(self.environment.get("COMPOSE_PROFILES", "").split(","))

    def behind_proxy(self, what: str = "API", port: int = 8443) -> httpx.Client:
        """Return a client that believes the proxy's own authority and no other."""
        authority = self.secrets / "proxy/caddy/pki/authorities/local/root.crt"
        port = int(self.environment.get(f"SATISPY_TLS_{what}_PORT", port))
        name = self.environment.get("SATISPY_TLS_NAME", "localhost")
        return httpx.Client(
            base_url=f"https://{name}:{port}",
            auth=self.auth if what == "API" else None,
            verify=ssl.create_default_context(cafile=authority),
            timeout=60,
            trust_env=False,
        )

    def run(self, *words: str) -> str:
        """Run a command in the checkout; return what it writes."""
        done = subprocess.run(words, cwd=self.root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{words}: {done.stderr[-2000:]}"
        return done.stdout.strip()

    def containers(self, service: str) -> list[str]:
        """Return the containers of a service that run, in either compose."""
        label = "--filter=label=com.docker.compose"
        found = [
            self.run(
                *("docker", "ps", "--quiet", "--no-trunc"),
                *(
                    f"{label}.project={project}",
                    f"{label}.service={service}",
                ),
            )
            for project in (self.name, f"{self.name}-airflow")
        ]
        return [one for some in found for one in some.split()]

    def crash(self, container: str) -> None:
        """Kill the first process of a container, as lack of memory would; nobody asked for it."""
        told = self.run("docker", "inspect", "-f", "{{.State.Pid}}", container)
        os.kill(int(told), signal.SIGKILL)

    def query(self, statement: str) -> list[list[str]]:
        """Return the rows that Airflow's database answers with."""
        (database,) = self.containers("airflow-database")
        words = ("psql", "-U", "airflow", "-d", "airflow", "-At", "-F", "\t", "-c", statement)
        answer = self.run("docker", "exec", database, *words)
        return [line.split("\t") for line in answer.splitlines()]

    def task(self, run: str, name: str) -> tuple[str, int, str] | None:
        """Return state, try and machine of a task; None before there is one."""
        shown = "state, try_number, coalesce(nullif(hostname, ''), '-')"
        wanted = f"run_id = '{run}' and task_id = '{name}' and state is not null"
        # Names of ours, and no person's words.
        rows = self.query(f"select {shown} from task_instance where {wanted}")  # noqa: S608
        return (rows[0][0], int(rows[0][1]), rows[0][2]) if rows else None

    def retrain(self) -> str:
        """Begin a retraining; wait until Airflow knows it."""
        return wait_for(self._asked, "a retraining that begins")

    def _asked(self) -> str | None:
        answer = self.api.post("/retrain", json={})
        return answer.json()["id"] if answer.status_code == 202 else None

    def ended(self, run: str, seconds: float = 900.0) -> dict:
        """Wait until a retraining is over; return it as the API tells it."""

        def look() -> dict | None:
            answer = self.api.get(f"/retrain/{run}")
            if answer.status_code != 200:
                return None
            told = answer.json()
            return told if told["state"] in ("success", "failed") else None

        return wait_for(look, f"the end of {run}", seconds)


def wait_for(look: Callable, what: str, seconds: float = SECONDS):
    """Look until there is something; return it."""
    ends = time.monotonic() + seconds
    while True:
        try:
            if found := look():
                return found
        except httpx.TransportError:
            pass  # whoever answers is on the way back; the time is bounded
        assert time.monotonic() < ends, f"expected {what} within {seconds:g} s"
        time.sleep(1)

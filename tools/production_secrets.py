#!/usr/bin/env python3
"""Make what the containers are trusted with: `make init`, once per server.

Writes one file per secret, 0600, into `secrets/production/`, and beside each compose file an `.env`
that says who runs the containers. Never a default, never over what is there: a second call makes
what is missing and leaves the rest. `--rotate NAME` makes one anew, and says what to do then;
`--profiles tls,monitoring` says which profiles of the compose files run from now on.

A container holds the secrets that it began with, and compose sees no change in a file. So each
service that takes some bears a mark of their files as a label: `make prod` writes it anew where a
file changed, whoever changed it (`--mark`), and services of another mark begin anew.
"""

import argparse
import base64
import hashlib
import os
import secrets
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "secrets" / "production"
ENVIRONMENTS = (ROOT / ".env", ROOT / "airflow" / ".env")
CONTAINER_USER = 10001
"""Who runs the containers where root calls: nothing of ours runs as root."""


def password() -> str:
    """Return 32 random characters that no URL and no shell has to quote."""
    return secrets.token_urlsafe(24)


def fernet_key() -> str:
    """Return a key as cryptography's Fernet wants it."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


MADE: dict[str, Callable[[], str]] = {
    "satispy_admin_password": password,
    "satispy_database_password": password,
    "airflow_admin_password": password,
    "airflow_api_password": password,
    "airflow_database_password": password,
    "airflow_fernet_key": fernet_key,
    "airflow_jwt_secret": lambda: secrets.token_urlsafe(64),  # HS512 wants 64 bytes
    "airflow_api_secret_key": lambda: secrets.token_urlsafe(32),
    "redis_password": password,
    "mlflow_password": password,
    "mlflow_secret_key": lambda: secrets.token_urlsafe(32),
    "prometheus_password": password,
    "grafana_admin_password": password,
}
WRITTEN_FROM: dict[str, tuple[str, str]] = {
    "satispy_database_url": (
        "satispy_database_password",
        "postgresql://satispy:{}@database:5432/satispy",
    ),
    "satispy_airflow_url": (
        "airflow_api_password",
        "http://satispy-api:{}@airflow-api-server:8080",
    ),
    "airflow_database_url": (
        "airflow_database_password",
        "postgresql+psycopg2://airflow:{}@airflow-database:5432/airflow",
    ),
    "airflow_result_backend": (
        "airflow_database_password",
        "db+postgresql+psycopg2://airflow:{}@airflow-database:5432/airflow",
    ),
    "airflow_broker_url": ("redis_password", "redis://:{}@redis:6379/0"),
}
"""Addresses that hold a password: written anew whenever it changes. Airflow's image has psycopg2
alone, and SQLAlchemy would take another driver where none is named."""
MLFLOW_URI = "satispy_mlflow_uri"
"""Which MLflow is told: empty for none, our own with the profile `mlflow`, or a person's choice."""
STORE_KEYS = ("satispy_store_key_id", "satispy_store_key")
"""Of the object store, where there is one: a person writes them."""
MLFLOW = "http://satispy:{}@mlflow:5000"
MARK = "SATISPY_SECRETS_MARK"
PROXY = "proxy"
"""Folder of the proxy: its own authority, or cert.pem and key.pem of another."""

AFTER = {
    "satispy_admin_password": "it is used only while no admin exists: satispy users passwd admin",
    "satispy_database_password": "ALTER ROLE satispy in `database`, then make prod",
    "airflow_database_password": "ALTER ROLE airflow in `airflow-database`, then make prod",
    "airflow_admin_password": "airflow users reset-password -u admin, in airflow-api-server",
    "airflow_api_password": "make prod: Airflow's account takes it, and the API and the workers",
    "airflow_fernet_key": "make prod, then airflow rotate-fernet-key; the former still reads",
    "airflow_jwt_secret": "make prod; running tasks are tried again",
    "airflow_api_secret_key": "make prod; everybody signs in to Airflow again",
    "redis_password": "make prod: Redis takes it, and all that speak to it; queued tasks stay",
    "mlflow_password": "make prod: MLflow's account takes it, and whoever tells it",
    "mlflow_secret_key": "make prod; everybody signs in to MLflow again",
    "prometheus_password": "make prod: the account takes it, and Prometheus",
    "grafana_admin_password": "grafana cli admin reset-admin-password, in grafana",
}


def main() -> int:
    """Make what is missing, or one secret anew."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rotate", metavar="NAME", choices=sorted(MADE))
    parser.add_argument("--profiles", metavar="NAME,NAME", help="'' for none")
    parser.add_argument("--mark", action="store_true", help="only see whether secrets changed")
    options = parser.parse_args()
    uid, gid = owner()
    if options.mark:
        return mark(ENVIRONMENTS)
    if options.rotate:
        return rotate(FOLDER, ENVIRONMENTS, options.rotate, uid, gid)
    return make_all(FOLDER, ENVIRONMENTS, uid, gid, options.profiles)


def make_all(
    folder: Path, environments: Sequence[Path], uid: int, gid: int, profiles: str | None = None
) -> int:
    """Make what is missing, and choose profiles where they are given; return the exit status."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    made = [name for name in MADE if write_new(folder / name, MADE[name](), uid, gid)]
    for name, (source, pattern) in WRITTEN_FROM.items():
        write = replace if source in made else write_new
        write(folder / name, pattern.format(read(folder / source)), uid, gid)
    for name in (MLFLOW_URI, *STORE_KEYS):
        write_new(folder / name, "", uid, gid)
    (folder / PROXY).mkdir(mode=0o700, exist_ok=True)
    for environment in environments:
        write_environment(environment, folder, uid, gid)
    if profiles is not None:
        choose(folder, environments, profiles, uid, gid)
    marked = mark(environments)
    if uid != os.getuid():
        for one in (folder, folder / PROXY):
            os.chown(one, uid, gid)
    print(f"made {len(made)} secrets in {folder}" if made else f"nothing was missing in {folder}")
    print(
        f"the admin's password: {folder / 'satispy_admin_password'}; Airflow's has one of its own"
    )
    return marked


def choose(folder: Path, environments: Sequence[Path], profiles: str, uid: int, gid: int) -> None:
    """Have these profiles run from now on; MLflow is told where its own is among them."""
    for path in environments:
        set_variable(path, "COMPOSE_PROFILES", profiles)
    own = MLFLOW.format(read(folder / "mlflow_password"))
    told = read(folder / MLFLOW_URI)
    if "mlflow" in profiles.split(",") and told != own:
        replace(folder / MLFLOW_URI, own, uid, gid)
    elif "mlflow" not in profiles.split(",") and told == own:
        replace(folder / MLFLOW_URI, "", uid, gid)


def mark(environments: Sequence[Path]) -> int:
    """Write into each `.env` a mark of the files of the secrets; return the exit status."""
    for path in environments:
        folder = variables(path).get("SATISPY_SECRETS")
        if not folder or not Path(folder).is_dir():
            print(f"expected secrets, and {path} to say where: run make init", file=sys.stderr)
            return 1
        try:
            files = {one.name: one.stat() for one in Path(folder).iterdir() if one.is_file()}
        except PermissionError as error:  # made by another user, who may start them as well
            print(f"whether secrets changed is not known to you: {error}", file=sys.stderr)
            return 0
        # Of the files and not of what they hold, for everybody may read a label.
        now = [(name, was.st_mtime_ns, was.st_size, was.st_ino) for name, was in files.items()]
        set_variable(path, MARK, hashlib.sha256(repr(sorted(now)).encode()).hexdigest()[:16])
    return 0


def owner() -> tuple[int, int]:
    """Return who shall run the containers and own the secrets."""
    if os.getuid() == 0:
        return CONTAINER_USER, CONTAINER_USER
    return os.getuid(), os.getgid()


def write_new(path: Path, content: str, uid: int, gid: int) -> bool:
    """Write a file that does not exist yet, readable by its owner alone; say whether."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
        if uid != os.getuid():
            os.fchown(descriptor, uid, gid)
    return True


def read(path: Path) -> str:
    """Return a secret."""
    return path.read_text(encoding="utf-8").strip()


def rotate(folder: Path, environments: Sequence[Path], name: str, uid: int, gid: int) -> int:
    """Make one secret anew, with the addresses that hold it."""
    path = folder / name
    if not path.is_file():
        print(f"expected {path}, which 'make init' makes, but there is none", file=sys.stderr)
        return 1
    former, fresh = read(path), MADE[name]()
    content = f"{fresh},{former.split(',')[0]}" if name == "airflow_fernet_key" else fresh
    replace(path, content, uid, gid)
    for held, (source, pattern) in WRITTEN_FROM.items():
        if source == name:
            replace(folder / held, pattern.format(fresh), uid, gid)
    if name == "mlflow_password" and read(folder / MLFLOW_URI) == MLFLOW.format(former):
        replace(folder / MLFLOW_URI, MLFLOW.format(fresh), uid, gid)
    print(f"{name} is new; now: {AFTER[name]}")
    return mark(environments)


def replace(path: Path, content: str, uid: int, gid: int) -> None:
    """Put a new file in the place of a secret: in one step, as private as it was."""
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)
    write_new(beside, content, uid, gid)
    beside.replace(path)


def lines_of(path: Path) -> list[str]:
    """Return the lines of an `.env`; of one that is not there yet, none."""
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def variables(path: Path) -> dict[str, str]:
    """Return what an `.env` says; of a name that stands twice the last, as compose reads it."""
    return {name: value for name, _, value in (line.partition("=") for line in lines_of(path))}


def set_variable(path: Path, name: str, value: str) -> None:
    """Give a variable of an `.env` this value; a file in which it has it already stays."""
    if variables(path).get(name) == value:
        return
    kept = [line for line in lines_of(path) if not line.startswith(f"{name}=")]
    path.write_text("\n".join([*kept, f"{name}={value}"]) + "\n", encoding="utf-8")


def write_environment(path: Path, folder: Path, uid: int, gid: int) -> None:
    """Tell compose who runs the containers; what a person wrote into the file stays."""
    wanted = {"SATISPY_UID": uid, "SATISPY_GID": gid, "SATISPY_SECRETS": folder}
    for name, value in wanted.items():
        if name not in variables(path):
            set_variable(path, name, str(value))


if __name__ == "__main__":
    sys.exit(main())

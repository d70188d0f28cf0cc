"""Airflow's accounts on a server; run by Airflow's environment only, before anything else starts.

``python -m satispy.stack.airflow_accounts``: to run it again changes nothing. A person's password
is set once, for the person may have changed it since; that of the API's account, which nobody
types, is set to what the API is told.
"""

import sys
from pathlib import Path
from typing import Any

from airflow.providers.fab.auth_manager.cli_commands.utils import (  # type: ignore[import-not-found]  # not in .venv
    get_application_builder,
)

SECRETS = Path("/run/secrets")
ADMIN, ADMIN_ROLE = "admin", "Admin"
API, API_ROLE = "satispy-api", "User"
"""The API may start runs and look at them, and change no setting of Airflow's."""


def password_of(name: str, folder: Path = SECRETS) -> str:
    """Return the password that `make init` made for an account."""
    return (folder / name).read_text(encoding="utf-8").strip()


def ensure(manager: Any, name: str, role_name: str, password: str) -> str:
    """Make an account where there is none; return a sentence about it."""
    if manager.find_user(username=name):
        return f"{name} was there already"
    role = manager.find_role(role_name)
    if role is None:
        raise SystemExit(f"expected the role {role_name} in Airflow, but it has none; is it FAB?")
    made = manager.add_user(name, name, "Satispy", f"{name}@localhost", role, password)
    if not made:
        raise SystemExit(f"Airflow did not make the account {name}; the lines above say why")
    return f"{name} was made, with the role {role_name}"


def main() -> None:
    """Make both accounts."""
    with get_application_builder() as builder:
        manager = builder.sm
        said = [ensure(manager, ADMIN, ADMIN_ROLE, password_of("airflow_admin_password"))]
        of_the_api = password_of("airflow_api_password")
        said.append(ensure(manager, API, API_ROLE, of_the_api))
        manager.reset_password(manager.find_user(username=API).id, of_the_api)
    sys.stdout.write("".join(f"{sentence}\n" for sentence in said))


if __name__ == "__main__":
    main()

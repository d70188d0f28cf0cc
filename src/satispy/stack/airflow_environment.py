"""The embedded Airflow: its settings, keys and password file; all of it lies in the home."""

import base64
import json
import os
import secrets
from collections.abc import Callable

from satispy.core.files import private_folder, write_atomically
from satispy.core.settings import Paths, Settings, repository
from satispy.stack.addresses import airflow_url
from satispy.workflows.airflow_account import ACCOUNT


def kept_secret(paths: Paths, name: str, make: Callable[[], str]) -> str:
    """Return a secret of the home, made on the first call and kept in a 0600 file."""
    file = paths.secrets / name
    if not file.is_file():
        private_folder(paths.secrets)
        write_atomically(file, make() + "\n", mode=0o600)
    return file.read_text(encoding="utf-8").strip()


def airflow_password(paths: Paths, shared: str | None) -> str:
    """Return the password of Airflow's admin and write it where Airflow reads it.

    The API has an account of its own there, with a password that nobody types.

    Parameters
    ----------
    paths
        Folders of the home.
    shared
        The password of the API's admin, or None where nobody knows it any more; then one of
        Airflow's own is made and kept in ``secrets/airflow_admin_password``.
    """
    password = shared or kept_secret(
        paths, "airflow_admin_password", lambda: secrets.token_urlsafe(12)
    )
    private_folder(paths.secrets)
    of_the_api = kept_secret(paths, paths.airflow_password.name, lambda: secrets.token_urlsafe(32))
    known = json.dumps({"admin": password, ACCOUNT: of_the_api})
    write_atomically(paths.secrets / "airflow_passwords.json", f"{known}\n", mode=0o600)
    return password


def airflow_environment(settings: Settings) -> dict[str, str]:
    """Return the ``AIRFLOW_*`` variables of the embedded Airflow.

    SQLite and LocalExecutor; the figures were measured, see docs/decisions. Nothing is fetched
    from or sent to the internet.
    """
    paths = settings.paths
    home = paths.run / "airflow"
    logs = paths.logs / "airflow"
    url = airflow_url(settings)
    options = {
        "core": {
            "executor": "satispy.stack.airflow_executor.LocalExecutor",
            "load_examples": "False",
            "dags_folder": str(repository() / "airflow" / "dags"),
            "plugins_folder": str(repository() / "airflow" / "plugins"),
            "dags_are_paused_at_creation": "False",
            "execution_api_server_url": f"{url}/execution/",
            # The API may start runs and look at them, and change no setting of Airflow's.
            "simple_auth_manager_users": f"admin:admin,{ACCOUNT}:user",
            "simple_auth_manager_passwords_file": str(paths.secrets / "airflow_passwords.json"),
            # Forks that many workers at once; at 4 runs stalled, 32 cost memory.
            "parallelism": "8",
            "fernet_key": kept_secret(
                paths,
                "airflow_fernet_key",
                lambda: base64.urlsafe_b64encode(os.urandom(32)).decode(),
            ),
        },
        "api": {
            "host": settings.host,
            "port": str(settings.airflow_port),
            "base_url": url,
            "workers": "1",
            "secret_key": kept_secret(
                paths, "airflow_api_secret_key", lambda: secrets.token_urlsafe(32)
            ),
        },
        "api_auth": {
            # HS512 wants at least 64 bytes.
            "jwt_secret": kept_secret(
                paths, "airflow_jwt_secret", lambda: secrets.token_urlsafe(64)
            ),
        },
        "database": {"sql_alchemy_conn": f"sqlite:///{home / 'airflow.db'}"},
        "logging": {
            "base_log_folder": str(logs),
            "dag_processor_child_process_log_directory": str(logs / "dag_processor"),
            "file_task_handler_new_folder_permissions": "0o700",
            "file_task_handler_new_file_permissions": "0o600",
        },
        "dag_processor": {"parsing_processes": "1", "refresh_interval": "30"},
        "scheduler": {
            "enable_health_check": "False",
            # With the default of 300 s a task of a killed scheduler stays "running" for minutes.
            "orphaned_tasks_check_interval": "20",
            # 0.3 s instead of 1.0 s between two levels of tasks; costs 4 % of a core when idle.
            "scheduler_idle_sleep_time": "0.25",
        },
    }
    return {
        "AIRFLOW_HOME": str(home),
        # setproctitle would write over the variables that mark the process as ours.
        "SPT_NOENV": "1",
    } | {
        f"AIRFLOW__{section.upper()}__{name.upper()}": value
        for section, entries in options.items()
        for name, value in entries.items()
    }

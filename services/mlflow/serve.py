"""Start MLflow's server with one account, `satispy`, whose password is a secret file.

The account is made anew at each start, in memory: a new password needs nothing but a restart, and
who may do what is no one's data. Runs and files lie in the volume. A password that was verified
counts for a minute: else each of the hundreds of requests of a catch-up pays for it anew.
"""

import os
from pathlib import Path

SECRETS = Path("/run/secrets")
ACCOUNTS = Path("/tmp/accounts.ini")  # noqa: S108  the container's own, in memory
SETTINGS = """[mlflow]
default_permission = NO_PERMISSIONS
database_uri = sqlite:////tmp/accounts.db
admin_username = satispy
admin_password = {password}
auth_cache_ttl_seconds = 60
authorization_function = mlflow.server.auth:authenticate_request_basic_auth
"""


def main() -> None:
    """Write down the account and become the server."""
    password = (SECRETS / "mlflow_password").read_text(encoding="utf-8").strip()
    ACCOUNTS.touch(mode=0o600)
    ACCOUNTS.write_text(SETTINGS.format(password=password), encoding="utf-8")
    key = (SECRETS / "mlflow_secret_key").read_text(encoding="utf-8").strip()
    told = {"MLFLOW_AUTH_CONFIG_PATH": str(ACCOUNTS), "MLFLOW_FLASK_SERVER_SECRET_KEY": key}
    command = (
        *("mlflow", "server", "--app-name", "basic-auth", "--workers", "1"),
        *("--backend-store-uri", "sqlite:////data/mlflow.db"),
        *("--artifacts-destination", "/data/artifacts"),
        *("--host", "0.0.0.0", "--port", "5000"),  # noqa: S104  compose says who reaches it
    )
    os.execvpe(command[0], command, {**os.environ, **told})  # noqa: S606  fixed


if __name__ == "__main__":
    main()

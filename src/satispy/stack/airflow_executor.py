"""Airflow's LocalExecutor without its log server; read by Airflow's environment only.

The scheduler would start that server for the API server, on all addresses of the machine and
without an option to change that. Both run here and share the log folder, so nobody needs it. An
executor that says where the log of a running task stands keeps the API server from asking.
"""

from typing import Any

from airflow.executors import local_executor  # type: ignore[import-not-found]  # not in .venv


class LocalExecutor(local_executor.LocalExecutor):  # type: ignore[misc]  # so its base is Any
    """Runs tasks as forked processes of the scheduler, and serves no logs."""

    serve_logs = False

    def get_task_log(self, ti: Any, try_number: int) -> tuple[list[str], list[str]]:
        """Name the source of a running task's log; its lines are read from the local file."""
        return ["log files on this machine"], []

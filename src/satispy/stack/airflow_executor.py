"""Airflow's LocalExecutor, mended in two places; read by Airflow's environment only.

The scheduler would start a log server for the API server, on all addresses of the machine and
without an option to change that. Both run here and share the log folder, so nobody needs it. An
executor that says where the log of a running task stands keeps the API server from asking.

A task that waits for a person ends its process and comes back under the same name once there is an
answer. Where the answer comes within the second, Airflow 3.3.2 takes the end of the first process
for that of the second and fails the task: its executor does not keep which tasks it runs.
"""

from typing import Any

from airflow.executors import local_executor  # type: ignore[import-not-found]  # not in .venv


class LocalExecutor(local_executor.LocalExecutor):  # type: ignore[misc]  # so its base is Any
    """Runs tasks as forked processes of the scheduler, and serves no logs."""

    serve_logs = False

    def trigger_tasks(self, open_slots: int) -> None:
        """Start what waits, but for tasks whose earlier process has not been seen to end."""
        self._read_results()
        early = {key: self.queued_tasks.pop(key) for key in self.running & self.queued_tasks.keys()}
        super().trigger_tasks(open_slots)
        self.queued_tasks.update(early)

    def _process_workloads(self, workload_list: list[Any]) -> None:
        super()._process_workloads(workload_list)
        self.running.update(workload.key for workload in workload_list)

    def get_task_log(self, ti: Any, try_number: int) -> tuple[list[str], list[str]]:
        """Name the source of a running task's log; its lines are read from the local file."""
        return ["log files on this machine"], []

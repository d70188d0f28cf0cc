"""A retraining as Airflow tells it, in our words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from satispy.core.errors import AirflowRefused
from satispy.workflows.airflow_account import ACCOUNT

APPROVE = "approve"
WAITING = "waiting-for-approval"
ASKING = {"awaiting_input", "deferred"}
"""States of `approve` while it waits for a person."""
FIRST = ("snapshot", "preprocess")
LAST = ("evaluate", "gate", "ask", APPROVE, "promote", "report")
STATES = {"queued", "running", "success", "failed"}


@dataclass(frozen=True)
class TaskState:
    """One task of a retraining; `state` is Airflow's word, ``waiting`` before it has one."""

    task: str
    state: str
    started_at: datetime | None
    ended_at: datetime | None
    tries: int


@dataclass(frozen=True)
class Retraining:
    """One run of the DAG.

    Attributes
    ----------
    id
        Airflow's name of it, which reports call ``dag_run``.
    state
        ``queued``, ``running``, ``waiting-for-approval``, ``success`` or ``failed``.
    by
        Who asked for it, here or in Airflow.
    started_at, ended_at
        None where that is still to come.
    airflow_url
        Where people look at it.
    tasks
        In the order of the work.
    runs
        The models that it published so far.
    """

    id: str
    state: str
    by: str
    started_at: datetime | None
    ended_at: datetime | None
    airflow_url: str
    tasks: list[TaskState] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)


def retraining_of(
    run: Mapping[str, Any], tasks: Sequence[Mapping[str, Any]], page: str, published: list[str]
) -> Retraining:
    """Return a retraining.

    Parameters
    ----------
    run, tasks
        As Airflow's REST interface writes them.
    page
        Where people look at it.
    published
        The models that it published so far.

    Raises
    ------
    AirflowRefused
        If Airflow writes them otherwise.
    """
    state = str(run.get("state"))
    ordered = [_task(one) for one in in_order(tasks)]
    asks = any(one.task == APPROVE and one.state in ASKING for one in ordered)
    if state not in STATES:  # one that we do not know is no end
        state = "running"
    return Retraining(
        id=str(run.get("dag_run_id")),
        state=WAITING if asks and state == "running" else state,
        by=_by(run),
        started_at=moment_of(run.get("start_date")),
        ended_at=moment_of(run.get("end_date")),
        airflow_url=page,
        tasks=ordered,
        runs=published,
    )


def in_order(tasks: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Sort tasks as the work goes: what trains a family stands in the middle."""

    def place(one: Mapping[str, Any]) -> tuple[int, int, str]:
        name = str(one.get("task_id"))
        if name in FIRST:
            return 0, FIRST.index(name), name
        if name in LAST:
            return 2, LAST.index(name), name
        return 1, 0, name

    return sorted(tasks, key=place)


def _task(one: Mapping[str, Any]) -> TaskState:
    tries = one.get("try_number")
    return TaskState(
        task=str(one.get("task_id")),
        state=str(one.get("state") or "waiting"),
        started_at=moment_of(one.get("start_date")),
        ended_at=moment_of(one.get("end_date")),
        tries=tries if isinstance(tries, int) else 0,
    )


def _by(run: Mapping[str, Any]) -> str:
    """Return who asked: of what our account started, whom we wrote down; else Airflow's user."""
    there, conf = run.get("triggering_user_name"), run.get("conf")
    if there == ACCOUNT and isinstance(conf, dict) and conf.get("asked_by"):
        return str(conf["asked_by"])
    return str(there or "airflow")


def moment_of(given: object) -> datetime | None:
    """Return a time that Airflow wrote, or None."""
    if not given:
        return None
    try:
        moment = datetime.fromisoformat(str(given))
    except ValueError as error:
        raise AirflowRefused(
            f"expected a time of Airflow, but it said {str(given)[:60]!r}"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

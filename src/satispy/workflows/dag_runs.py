"""Retrainings as runs of the DAG: started at Airflow, and followed there."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import quote

from filelock import FileLock, Timeout

from satispy.core.addresses import local_url
from satispy.core.clock import Clock, stamp
from satispy.core.errors import (
    AirflowAway,
    AirflowRefused,
    AlreadyQueued,
    ArtifactDamaged,
    Busy,
    NotFound,
    SatispyError,
)
from satispy.core.settings import PREFIX, Paths, Settings
from satispy.registry import runs as run_folders
from satispy.tracking.address import Address

if TYPE_CHECKING:  # its HTTP client is loaded by who asks first
    from satispy.orchestration.airflow_api import AirflowApi

SETTING = f"{PREFIX}AIRFLOW_URL"
DAG_ID = "retrain_reviews"
ACCOUNT = "satispy-api"
"""Whom Airflow knows us as; `make up` makes the account and its password."""

MOST_LISTED = 20
REMEMBERED_SECONDS = 1.0
PATIENCE_SECONDS = 15.0
APPROVE = "approve"
WAITING = "waiting-for-approval"
ASKING = {"awaiting_input", "deferred"}
"""States of `approve` while it waits for a person."""
FIRST = ("snapshot", "preprocess")
LAST = ("evaluate", "gate", "ask", APPROVE, "promote", "report")
STATES = {"queued", "running", "success", "failed"}

Answer = TypeVar("Answer")


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


class Retrainings:
    """Starts retrainings at Airflow and follows them; threads may share it.

    What was asked within the last second is not asked again: ten pages that watch one retraining
    cost Airflow no more than one.

    Parameters
    ----------
    settings
        Name the home, and Airflow.
    clock
        Names runs.
    now
        Seconds that only grow.
    """

    def __init__(
        self, settings: Settings, clock: Clock, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._paths = settings.paths
        self._address = _address(settings)
        self._public = settings.airflow_public_url or self._address.url
        self._clock = clock
        self._opening = threading.Lock()
        self._opened: AirflowApi | None = None
        self._lately = _Lately(now)
        self._dag_run_of: dict[str, str] = {}

    def close(self) -> None:
        """Close the connections."""
        with self._opening:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def start(
        self, by: str, *, renew_vectors: bool = False, ask_for_approval: bool = False
    ) -> Retraining:
        """Ask for a retraining; one more may wait while one is under way.

        Raises
        ------
        AlreadyQueued
            If one waits already.
        AirflowRefused
            If Airflow knows no such DAG, it is paused there, or Airflow will not start it.
        AirflowAway
            If Airflow does not answer.
        """
        with self._one_at_a_time():
            self._require_startable()
            waiting = self._airflow().runs(limit=1, state="queued")
            if waiting:
                raise AlreadyQueued(
                    f"the retraining '{waiting[0].get('dag_run_id')}' waits to begin already, and "
                    "will read whatever is in the base by then"
                )
            run_id = f"api__{stamp(self._clock())}_{secrets.token_hex(4)}"
            conf = {
                "renew_vectors": renew_vectors,
                "ask_for_approval": ask_for_approval,
                "asked_by": by,
            }
            self._started(run_id, conf)
        self._lately.forget()
        return self.one(run_id)

    def newest(self) -> list[Retraining]:
        """Return the newest retrainings, the newest first."""
        return self._lately.ask("newest", self._newest)

    def one(self, run_id: str) -> Retraining:
        """Return one retraining; `NotFound` where Airflow knows none of this name."""

        def ask() -> Retraining:
            run = self._airflow().run(run_id)
            return self._retraining(run, self._airflow().tasks([run_id]))

        return self._lately.ask(("one", run_id), ask)

    def failed_tasks(self, run_id: str) -> list[str]:
        """Return the tasks of a run that failed themselves."""
        tasks = self._airflow().tasks([run_id])
        return [str(one.get("task_id")) for one in _in_order(tasks) if one.get("state") == "failed"]

    def page_of(self, run_id: str) -> str:
        """Return where people look at a run."""
        return f"{self._public}/dags/{DAG_ID}/runs/{quote(run_id, safe='')}"

    def _newest(self) -> list[Retraining]:
        found = self._airflow().runs(limit=MOST_LISTED)
        names = [str(run.get("dag_run_id")) for run in found]
        tasks = self._airflow().tasks(names) if names else []
        return [
            self._retraining(run, [one for one in tasks if one.get("dag_run_id") == name])
            for run, name in zip(found, names, strict=True)
        ]

    def _require_startable(self) -> None:
        try:
            dag = self._airflow().dag()
        except NotFound as error:
            raise AirflowRefused(
                f"Airflow does not know the DAG {DAG_ID}; just after a start it takes a minute to "
                "read it, else its log of the DAG processor says why"
            ) from error
        if dag.get("has_import_errors"):
            raise AirflowRefused(
                f"Airflow cannot read the DAG {DAG_ID}; its page shows the import error"
            )
        if dag.get("is_paused"):
            raise AirflowRefused(
                f"the DAG {DAG_ID} is paused in Airflow, so a run would never begin; unpause it "
                f"there: {self._public}/dags/{DAG_ID}"
            )

    def _started(self, run_id: str, conf: Mapping[str, Any]) -> None:
        try:
            self._airflow().start(run_id, conf)
        except AirflowAway:
            # It may have begun all the same: the answer was lost, not the question.
            try:
                self._airflow().run(run_id)
            except SatispyError:
                raise AirflowAway(
                    "Airflow does not answer; look at GET /retrain before you ask again"
                ) from None

    def _retraining(self, run: Mapping[str, Any], tasks: list[dict[str, Any]]) -> Retraining:
        run_id, state = str(run.get("dag_run_id")), str(run.get("state"))
        ordered = [_task(one) for one in _in_order(tasks)]
        if any(one.task == APPROVE and one.state in ASKING for one in ordered):
            state = WAITING if state == "running" else state
        return Retraining(
            id=run_id,
            state=state if state in {*STATES, WAITING} else "running",
            by=_by(run),
            started_at=_moment(run.get("start_date")),
            ended_at=_moment(run.get("end_date")),
            airflow_url=self.page_of(run_id),
            tasks=ordered,
            runs=self._published(run_id, _moment(run.get("run_after"))),
        )

    def _published(self, run_id: str, since: datetime | None) -> list[str]:
        """Return the runs that name this DAG run; none of them is older than the question for it."""
        oldest = "" if since is None else stamp(since)
        names = [name for name in run_folders.names(self._paths.runs) if name >= oldest]
        return [name for name in names if self._made_by(name) == run_id]

    def _made_by(self, name: str) -> str:
        if name not in self._dag_run_of:  # a run is written once
            try:
                manifest = run_folders.manifest_of(self._paths.runs, name)
            except (ArtifactDamaged, NotFound):  # pruned meanwhile, or told of elsewhere
                return ""
            self._dag_run_of[name] = str(manifest.get("dag_run", ""))
        return self._dag_run_of[name]

    def _airflow(self) -> AirflowApi:
        with self._opening:
            if self._opened is None:
                from satispy.orchestration.airflow_api import AirflowApi

                self._opened = AirflowApi(
                    self._address.url, lambda: _account(self._address, self._paths), DAG_ID
                )
            return self._opened

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """Let no other worker ask between our look and our question."""
        self._paths.clean_model.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._paths.clean_model / ".retrain.lock", mode=0o600)
        try:
            lock.acquire(timeout=PATIENCE_SECONDS)
        except Timeout as error:
            raise Busy("others are asking for a retraining; try again") from error
        try:
            yield
        finally:
            lock.release()


class _Lately:
    """Answers of the last second, failures among them; one question at a time."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._known: dict[Hashable, tuple[float, object]] = {}

    def ask(self, key: Hashable, question: Callable[[], Answer]) -> Answer:
        """Return what the question was answered with lately, or is now."""
        with self._lock:
            self._known = {k: v for k, v in self._known.items() if v[0] > self._now()}
            if key not in self._known:
                found: object
                try:
                    found = question()
                except SatispyError as error:
                    found = error
                self._known[key] = (self._now() + REMEMBERED_SECONDS, found)
            found = self._known[key][1]
        if isinstance(found, SatispyError):
            raise type(found)(str(found)) from found
        return cast(Answer, found)

    def forget(self) -> None:
        """Let everything be asked anew."""
        with self._lock:
            self._known = {}


def _in_order(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
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
        started_at=_moment(one.get("start_date")),
        ended_at=_moment(one.get("end_date")),
        tries=tries if isinstance(tries, int) else 0,
    )


def _by(run: Mapping[str, Any]) -> str:
    """Return who asked: of what our account started, whom we wrote down; else Airflow's user."""
    there, conf = run.get("triggering_user_name"), run.get("conf")
    if there == ACCOUNT and isinstance(conf, dict) and conf.get("asked_by"):
        return str(conf["asked_by"])
    return str(there or "airflow")


def _moment(given: object) -> datetime | None:
    if not given:
        return None
    try:
        moment = datetime.fromisoformat(str(given))
    except ValueError as error:
        raise AirflowRefused(
            f"expected a time of Airflow, but it said {str(given)[:60]!r}"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _address(settings: Settings) -> Address:
    if settings.airflow_url is None:
        return Address(local_url(settings, settings.airflow_port))
    return Address.parse(settings.airflow_url.get_secret_value(), SETTING)


def _account(address: Address, paths: Paths) -> tuple[str, str]:
    """Return who we are at Airflow: as the setting says, or by the password of `make up`."""
    if address.user:
        return address.user, address.password
    try:
        return ACCOUNT, paths.airflow_password.read_text(encoding="utf-8").strip()
    except FileNotFoundError as error:
        raise AirflowAway(
            f"expected the password of our account at Airflow in {paths.airflow_password}, but "
            f"there is none; `make up` makes one, or {SETTING} names an account"
        ) from error

"""The executor of the stack: a task that comes back before its end was seen is not lost."""

from multiprocessing import SimpleQueue, Value
from types import SimpleNamespace

import pytest
from airflow.models.taskinstancekey import TaskInstanceKey
from airflow.utils.state import TaskInstanceState

from satispy.stack.airflow_executor import LocalExecutor

KEY = TaskInstanceKey("retrain_reviews", "approve", "run", 1, -1)
TASK = SimpleNamespace(id="an id", key=KEY)


class Executor(LocalExecutor):
    """Ours, without processes: what it would start stands in the queue."""

    def __init__(self):
        super().__init__(parallelism=2)
        self.activity_queue, self.result_queue = SimpleQueue(), SimpleQueue()
        self._unread_messages = Value("i")

    def _check_workers(self):
        """Nobody works here."""

    def ends(self):
        """Have the process end whose task is running."""
        self.activity_queue.get()
        self.result_queue.put((KEY, TaskInstanceState.SUCCESS, None))


@pytest.fixture
def executor():
    executor = Executor()
    queue(executor)
    executor.heartbeat()
    assert not executor.activity_queue.empty()
    return executor


def queue(executor):
    executor.queued_tasks[KEY] = SimpleNamespace(key=KEY, ti=SimpleNamespace(priority_weight=1))


def test_a_task_is_known_while_it_runs_and_no_longer(executor):
    assert executor.has_task(TASK)
    executor.ends()
    executor.heartbeat()
    assert not executor.has_task(TASK)
    assert executor.get_event_buffer() == {KEY: (TaskInstanceState.SUCCESS, None)}


def test_a_task_that_is_back_as_its_end_arrives_is_started_and_known(executor):
    executor.ends()
    queue(executor)
    executor.heartbeat()
    assert executor.get_event_buffer() == {KEY: (TaskInstanceState.SUCCESS, None)}
    assert executor.has_task(TASK)
    assert not executor.activity_queue.empty()


def test_a_task_that_is_back_before_its_end_arrives_waits_for_it_and_is_known(executor):
    queue(executor)
    executor.heartbeat()
    assert KEY in executor.queued_tasks
    executor.ends()
    assert executor.activity_queue.empty()
    executor.sync()
    assert executor.has_task(TASK)
    executor.heartbeat()
    assert not executor.activity_queue.empty()
    assert executor.has_task(TASK)

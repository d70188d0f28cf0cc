import dataclasses
import json
import socket
import time
from pathlib import Path

import httpx2 as httpx
import psutil
import pytest

from satispy.core.errors import StackError
from satispy.core.settings import Paths
from satispy.stack import supervisor as module
from satispy.stack.component import Probe
from satispy.stack.launch import LARGEST_LOG, open_log, put_aside_while_written, tail
from satispy.stack.processes import alive, marked
from satispy.stack.state import read_state, running


def wait_until(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def lines(journal: Path) -> list[str]:
    return journal.read_text().splitlines()


def test_a_taken_port_is_named_with_its_setting_and_holder_before_anything_starts(
    part, supervise, journal
):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        supervisor = supervise(part("api"), part("ui", port=number))
        with pytest.raises(
            StackError, match=rf"port {number} \(SATISPY_UI_PORT\) is taken by .*PID"
        ):
            supervisor.start()
    assert not journal.exists()


def test_one_port_for_two_components_is_refused(part, supervise):
    first = part("api")
    supervisor = supervise(first, part("ui", port=first.port.number))
    with pytest.raises(
        StackError,
        match=r"SATISPY_UI_PORT and SATISPY_API_PORT both name port \d+\. "
        r"Give each variable a port of its own\.$",
    ):
        supervisor.start()


def test_a_second_stack_in_the_same_home_is_refused_by_pid_and_harms_nothing(part, supervise):
    first = part("api")
    supervise(first).start()
    second = supervise(part("api"))
    with pytest.raises(StackError, match=rf"is running in .* already \(PID {psutil.Process().pid}"):
        second.start()
    second.stop()
    assert httpx.get(first.probes[0].url).status_code == 200


def test_two_homes_run_side_by_side(part, supervise, tmp_path, home):
    one, other = part("api"), part("api")
    there = tmp_path / "elsewhere"
    supervise(one).start()
    second = supervise(other, at=there)
    second.start()
    assert len(marked(home)) == 1
    assert len(marked(there)) == 1
    second.stop()
    assert len(marked(home)) == 1
    assert marked(there) == []


def test_a_component_that_dies_while_starting_is_reported_with_its_last_lines(
    part, supervise, home
):
    supervisor = supervise(part("api"), part("ui", "fails"))
    with pytest.raises(
        StackError, match=r"ui has ended by itself \(exit 7\)[\s\S]*the disk is full"
    ):
        supervisor.start()
    supervisor.stop()
    assert marked(home) == []
    state = read_state(Paths(home))
    assert state is not None
    assert state.phase == "failed"
    assert "the disk is full" in str(state.error)


def test_a_program_that_is_not_there_is_named_with_its_remedy(part, supervise):
    absent = dataclasses.replace(part("airflow"), command=("/nowhere/airflow", "scheduler"))
    with pytest.raises(StackError, match=r"/nowhere/airflow: No such file.*make env"):
        supervise(absent).start()


def test_a_preparation_that_fails_stops_the_start(part, supervise, journal):
    failing = dataclasses.replace(part("database", "fails"), once=True)
    with pytest.raises(StackError, match=r"database failed \(exit 7\)"):
        supervise(failing, part("api")).start()
    assert lines(journal) == ["start database"]


def test_a_component_that_does_not_answer_in_time_is_reported(part, supervise):
    deaf = dataclasses.replace(
        part("api"), probes=(Probe("http://127.0.0.1:9/"),), ready_seconds=0.5
    )
    with pytest.raises(StackError, match=r"api did not answer at http://127.0.0.1:9/ within 0.5 s"):
        supervise(deaf).start()


def test_a_component_that_dies_again_and_again_ends_the_watch(part, supervise, home, monkeypatch):
    monkeypatch.setattr(module, "MOST_RESTARTS", 1)
    supervisor = supervise(part("api"), part("ui", "dies"))
    supervisor.start()
    with pytest.raises(
        StackError,
        match=r"ui has ended by itself \(exit 3\), after 1 restarts within 10 minutes: "
        r"out of memory",
    ):
        supervisor.watch()
    supervisor.stop()
    assert marked(home) == []
    state = read_state(Paths(home))
    assert state is not None
    assert "after 1 restarts" in str(state.error)
    assert "\n" not in str(state.error)


def test_a_component_that_dies_is_restarted_without_its_orphans_and_answers_again(
    part, supervise, home
):
    said = []
    api, ui = part("api", "parent"), part("ui")
    supervisor = supervise(api, ui, say=said.append)
    supervisor.start()
    before = supervisor.state.components.copy()
    orphans = [process for process in marked(home, "api") if process.pid != before["api"]]
    assert len(orphans) == 1
    psutil.Process(before["api"]).kill()
    assert wait_until(lambda: not alive(psutil.Process(before["api"])))
    supervisor.check()
    assert httpx.get(api.probes[0].url).status_code == 200
    assert not alive(orphans[0])
    state = running(Paths(home))
    assert state is not None
    assert state.phase == "ready"
    assert state.components == supervisor.state.components
    assert state.components["ui"] == before["ui"]
    assert state.components["api"] != before["api"]
    assert any(
        "api has ended by itself (exit -9); restarting it (1 of at most 3)" in line for line in said
    )


def test_restarts_long_ago_do_not_count(part, supervise, monkeypatch):
    monkeypatch.setattr(module, "MOST_RESTARTS", 1)
    monkeypatch.setattr(module, "RESTART_WINDOW_SECONDS", 0.0)
    supervisor = supervise(part("api"))
    supervisor.start()
    for _ in range(2):
        process = psutil.Process(supervisor.state.components["api"])
        process.kill()
        assert wait_until(lambda process=process: not alive(process))
        supervisor.check()


def test_the_last_lines_of_a_log_are_cut_where_they_are_long(tmp_path):
    log = tmp_path / "api.log"
    log.write_text("earlier\n" + "x" * 500 + "\nshort\n")
    long, short = tail(log, len("earlier\n"))
    assert len(long) == 160
    assert long.endswith("x…")
    assert short == "short"


def test_a_preparation_ends_before_the_next_component_starts(part, supervise, journal):
    supervise(part("database", "prepares"), part("api")).start()
    assert lines(journal)[:3] == ["start database", "end database", "start api"]


def test_components_stop_in_the_order_of_their_turns(part, supervise, journal):
    supervisor = supervise(part("api", turn=2), part("airflow", turn=3), part("ui", turn=1))
    supervisor.start()
    supervisor.stop()
    assert [line for line in lines(journal) if line.startswith("stop")] == [
        "stop ui",
        "stop api",
        "stop airflow",
    ]


def test_whoever_ignores_sigterm_and_whoever_left_its_session_is_ended_too(part, supervise, home):
    supervisor = supervise(part("api", "stubborn"), part("ui", "parent"))
    supervisor.start()
    assert len(marked(home)) == 3
    supervisor.stop()
    assert marked(home) == []


def test_stopping_twice_and_stopping_what_never_started_do_nothing(part, supervise):
    supervise(part("api")).stop()
    supervisor = supervise(part("api"))
    supervisor.start()
    supervisor.stop()
    supervisor.stop()


def test_the_state_names_pids_and_addresses_and_goes_with_the_stack(part, supervise, home):
    api = part("api")
    supervisor = supervise(api)
    supervisor.start()
    state = running(Paths(home))
    assert state is not None
    assert state.phase == "ready"
    assert state.addresses == {"api": api.address}
    assert psutil.pid_exists(state.components["api"])
    supervisor.stop()
    assert running(Paths(home)) is None
    assert read_state(Paths(home)) is None


def test_a_second_start_after_a_stop_works(part, supervise):
    api = part("api")
    for _ in range(2):
        supervisor = supervise(api)
        supervisor.start()
        supervisor.stop()


def test_memory_is_measured_over_all_processes(part, supervise):
    supervisor = supervise(part("api"))
    supervisor.start()
    alone = psutil.Process().memory_full_info().pss / 2**20
    assert supervisor.memory.sample() > alone
    assert supervisor.memory.peak_mib >= supervisor.memory.current_mib > 5


def test_an_unreadable_state_file_is_no_obstacle(part, supervise, home):
    paths = Paths(home)
    paths.run.mkdir()
    (paths.run / "stack.json").write_text("{half a fi")
    supervise(part("api")).start()
    assert json.loads((paths.run / "stack.json").read_text())["phase"] == "ready"


def test_the_mark_reaches_the_components_and_an_overgrown_log_is_put_aside(part, supervise, home):
    paths = Paths(home)
    paths.logs.mkdir()
    (paths.logs / "api.log").write_bytes(b"x" * 5_000_001)
    supervisor = supervise(part("api"))
    supervisor.start()
    (process,) = marked(home)
    assert process.environ()["SATISPY_STACK"] == str(home)
    assert (paths.logs / "api.log").stat().st_size == 0
    assert (paths.logs / "api.log.1").stat().st_size == 5_000_001


def test_a_log_that_grows_too_long_is_put_aside_while_its_writer_goes_on(tmp_path):
    log = tmp_path / "logs" / "api.log"
    with open_log(log) as output:
        output.write(b"x" * LARGEST_LOG)
        output.flush()
        assert not put_aside_while_written(log)
        output.write(b"y\n")
        output.flush()
        assert put_aside_while_written(log)
        output.write(b"after\n")
        output.flush()
    assert log.read_bytes() == b"after\n"
    assert tail(log, LARGEST_LOG) == ["after"]
    aside = log.with_suffix(".log.1")
    assert aside.stat().st_size == LARGEST_LOG + 2
    assert {path.stat().st_mode & 0o777 for path in (log, aside)} == {0o600}


def test_a_log_from_before_is_closed_to_others(tmp_path):
    log = tmp_path / "api.log"
    log.touch(mode=0o644)
    with open_log(log):
        assert log.stat().st_mode & 0o777 == 0o600

"""A Celery worker counts as well while Redis knows a connection of its machine."""

import socket
import threading

import pytest

from satispy.stack import worker_health


@pytest.fixture
def redis():
    """A server that answers three commands as Redis does; `listed` is what CLIENT LIST says."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        class Fake:
            port = listening.getsockname()[1]
            password = "secret"
            listed = ""
            asked = b""

            def serve(self):
                with listening.accept()[0] as connection:
                    while not self.asked.endswith(b"LIST\r\n"):
                        self.asked += connection.recv(4096)
                    let_in = self.password.encode() in self.asked
                    said = "+OK\r\n" if let_in else "-WRONGPASS invalid password\r\n"
                    body = f"${len(self.listed)}\r\n{self.listed}\r\n"
                    connection.sendall(f"{said}+OK\r\n{body}".encode())

        fake = Fake()
        thread = threading.Thread(target=fake.serve)
        thread.start()
        yield fake
        thread.join()


@pytest.fixture
def check(redis, tmp_path, monkeypatch, capsys):
    secret = tmp_path / "airflow_broker_url"
    secret.write_text(f"redis://:secret@127.0.0.1:{redis.port}/0\n")
    monkeypatch.setattr(worker_health, "BROKER", secret)
    return lambda: (worker_health.main(), capsys.readouterr().out)


def test_no_connection_of_this_machine_is_a_dead_worker(check, redis):
    redis.listed = (
        "id=1 addr=10.0.0.9:4711 name= cmd=brpop\n"
        "id=2 addr=127.0.0.1:4712 name=satispy-health cmd=client\n"
    )
    assert check() == (1, "expected a connection of the worker to Redis, but there is none\n")


def test_a_redis_that_does_not_let_us_in_is_named(check, redis):
    redis.password = "another"
    status, said = check()
    assert status == 1
    assert "expected OK of Redis to AUTH, but it says b'-WRONGPASS" in said
    assert "secret" not in said


def test_a_worker_that_is_connected_is_well(check, redis):
    redis.listed = "id=1 addr=127.0.0.1:4711 name= cmd=brpop\n"
    assert check() == (0, "")


def test_a_redis_that_is_gone_is_named(tmp_path, monkeypatch, capsys):
    secret = tmp_path / "url"
    secret.write_text("redis://:secret@127.0.0.1:9/0")
    monkeypatch.setattr(worker_health, "BROKER", secret)
    assert worker_health.main() == 1
    assert "Redis cannot be asked" in capsys.readouterr().out

"""What a connection may do to a server that really runs."""

import re
import select
import socket
import threading
import time
from contextlib import closing, contextmanager, suppress

import pytest
import uvicorn

from reviews_api.app import create_app
from reviews_api.wire import WaryHttp, WholeAnswer
from satispy.core.settings import load_settings

BASIC = b"Authorization: Basic YWxpY2U6YWxpY2UncyBwYXNzd29yZA==\r\n"  # alice:alice's password
HEAD = b"GET /health HTTP/1.1\r\nHost: x\r\n"


class QuickHttp(WaryHttp):
    header_seconds = 0.4
    body_seconds = 0.4


@contextmanager
def serving(protocol):
    """Run the real application under the real server in this process; yield its port."""
    config = uvicorn.Config(
        create_app(load_settings()),
        http=protocol,
        ws="none",
        port=0,
        log_config=None,
        timeout_keep_alive=1,
        proxy_headers=False,
    )
    started = threading.Event()

    class Noticed(uvicorn.Server):
        async def startup(self, sockets=None):
            await super().startup(sockets)
            started.set()

    server = Noticed(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert started.wait(60)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def connect(home):
    """Return a function that opens a connection to a server with short limits."""
    with serving(QuickHttp) as port:
        opened = []

        def connection():
            one = socket.create_connection(("127.0.0.1", port), timeout=30)
            opened.append(one)
            return one

        yield connection
        for one in opened:
            one.close()


def answer(connection):
    """Return all that comes until the server closes."""
    received = b""
    with suppress(ConnectionResetError):  # it closed while we were still sending
        while chunk := connection.recv(65_536):
            received += chunk
    return received


def status(received):
    return int(re.match(rb"HTTP/1\.1 (\d{3}) ", received)[1])


def dribble(connection, drop, *, every=0.05):
    """Send the same again and again until the server has had enough; return its answer."""
    connection.settimeout(every)
    received = b""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            connection.sendall(drop)
            chunk = connection.recv(65_536)
        except TimeoutError:  # it is still listening
            continue
        except (BrokenPipeError, ConnectionResetError):
            return received
        if not chunk:
            return received
        received += chunk
    raise AssertionError("the server went on listening")


def test_a_connection_that_says_nothing_is_closed(connect):
    assert answer(connect()) == b""


def test_a_stray_line_end_keeps_no_connection_open(connect):
    connection = connect()
    connection.sendall(HEAD + b"\r\n")
    while b"alive" not in connection.recv(65_536):
        pass
    connection.sendall(b"\r\n")
    assert status(answer(connection)) == 408


def test_headers_that_come_drop_by_drop_are_not_waited_for(connect):
    connection = connect()
    connection.sendall(HEAD)
    assert status(dribble(connection, b"X-Drop: x\r\n")) == 408


def test_a_body_that_comes_drop_by_drop_is_not_waited_for(connect):
    connection = connect()
    connection.sendall(
        b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        + BASIC
        + b"Content-Length: 100000\r\n\r\n"
    )
    assert status(dribble(connection, b" ")) == 408


def test_a_body_that_nobody_asked_for_keeps_no_connection_open(connect):
    connection = connect()
    connection.sendall(HEAD + b"Content-Length: 100000\r\n\r\n")
    assert status(dribble(connection, b" ")) == 200


def test_a_further_request_has_no_more_time_than_the_first(connect):
    connection = connect()
    connection.sendall(HEAD + b"\r\n")
    assert status(connection.recv(65_536)) == 200
    connection.sendall(HEAD)
    assert status(dribble(connection, b"X-Drop: x\r\n")) == 408


@pytest.mark.parametrize(
    "headers",
    [
        b"X-Long: " + b"x" * 40_000 + b"\r\n\r\n",
        b"X-Endless: " + b"x" * 40_000,
        b"".join(b"X-%d: x\r\n" % number for number in range(101)) + b"\r\n",
    ],
    ids=["long", "endless", "many"],
)
def test_headers_beyond_the_limits_are_refused(connect, headers):
    connection = connect()
    connection.sendall(HEAD + headers)
    assert status(answer(connection)) == 431


def test_an_address_without_end_is_refused(connect):
    connection = connect()
    connection.sendall(b"GET /" + b"x" * 40_000)
    assert status(answer(connection)) == 431


def test_trailers_of_a_body_are_counted_as_headers(connect):
    connection = connect()
    connection.sendall(
        b"POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
        + BASIC
        + b"\r\n1\r\n \r\n0\r\n"
        + b"X: x\r\n" * 200
    )
    assert status(answer(connection)) == 431


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET\r\n\r\n",
        HEAD + b"Bad Header\r\n\r\n",
        HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
    ids=["TLS", "no path", "no colon", "two lengths", "length and chunks"],
)
def test_what_is_no_http_is_refused(connect, nonsense):
    connection = connect()
    connection.sendall(nonsense)
    assert status(answer(connection)) == 400


def test_a_huge_chunked_body_is_counted_and_cut_off(connect):
    connection = connect()
    connection.sendall(
        b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        + BASIC
        + b"Transfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    with suppress(BrokenPipeError, ConnectionResetError):  # it has heard enough
        for _ in range(300):
            connection.sendall(chunk)
    assert status(answer(connection)) == 413


def test_the_others_are_answered_while_many_dribble(connect):
    slow = [connect() for _ in range(50)]
    for connection in slow:
        connection.sendall(HEAD)
    with closing(connect()) as quick:
        quick.sendall(HEAD + b"Connection: close\r\n\r\n")
        assert status(answer(quick)) == 200


def test_a_slow_but_steady_upload_is_taken(home):
    """Long after `body_seconds`, as long as it keeps its pace."""

    boundary = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    rows = b"Commentaire,star\n" + b"".join(b"bien %d,5\n" % number for number in range(300))
    body = boundary + rows + b"\r\n--b--\r\n"
    admin = b"Authorization: Basic YWRtaW46YWRtaW4ncyBwYXNzd29yZA==\r\n"
    with serving(QuickHttp) as port, socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(
            b"POST /uploadfile HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            b"Content-Type: multipart/form-data; boundary=b\r\n"
            + admin
            + b"Content-Length: %d\r\n\r\n" % len(body)
        )
        for start in range(0, len(body), 500):
            connection.sendall(body[start : start + 500])
            ready, _, _ = select.select([connection], [], [], 0.2)
            assert not ready or start + 500 >= len(body)
        assert status(answer(connection)) == 201


class Written:
    """A transport that remembers what it was given."""

    def __init__(self):
        self.pieces, self.closed = [], False

    def write(self, data):
        self.pieces.append(data)

    def close(self):
        self.closed = True


def test_head_and_first_piece_of_an_answer_are_one_write():
    """Whoever is killed has sent nothing of an answer, or all of a short one."""
    below = Written()
    whole = WholeAnswer(below)
    for piece in (b"HTTP/1.1 100 Continue\r\n\r\n", b"head ", b"body", b" and more"):
        whole.write(piece)
    assert below.pieces == [b"HTTP/1.1 100 Continue\r\n\r\n", b"head body", b" and more"]


def test_a_head_that_no_body_follows_is_written_when_the_answer_ends():
    below = Written()
    WholeAnswer(below).flush()
    assert below.pieces == []
    whole = WholeAnswer(below)
    whole.write(b"head")
    whole.close()
    assert (below.pieces, below.closed) == ([b"head"], True)


def test_answers_without_a_body_and_requests_in_a_row_are_all_answered(connect):
    """HEAD writes no body; the second request is there before the first is answered."""
    head = HEAD.replace(b"GET", b"HEAD")
    with connect() as connection:
        connection.sendall((head + b"\r\n") * 2 + HEAD + b"Connection: close\r\n\r\n")
        said = answer(connection)
    assert said.count(b"HTTP/1.1 ") == 3
    assert said.endswith(b'{"status":"alive"}')


def test_who_asks_before_sending_a_body_is_told_to_go_on(connect):
    body = b'{"texts": ["x"]}'
    request = (
        b"POST /predict HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\n"
        b"Content-Type: application/json\r\n" + BASIC + b"Content-Length: %d\r\n\r\n" % len(body)
    )
    with connect() as connection:
        connection.sendall(request)
        assert connection.recv(100).startswith(b"HTTP/1.1 100 Continue")
        connection.sendall(body)
        assert answer(connection).startswith(b"HTTP/1.1 503")  # no model serves

import gzip
import os
import subprocess
import sys
import threading
from contextlib import ExitStack

import pytest
from fastapi.testclient import TestClient

from reviews_api.app import create_app
from satispy.core.settings import Settings, load_settings

GOOD = b"Commentaire,star\nbien,5\n"


@pytest.fixture
def small(api, own_settings):
    """The same home behind a limit of 1 MB."""
    with TestClient(create_app(Settings(home=own_settings, max_upload_mb=1))) as client:
        yield client


def multipart(content):
    """Return the parts of a body, so that its length is not declared."""
    yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    for start in range(0, len(content), 65_536):
        yield content[start : start + 65_536]
    yield b"\r\n--b--\r\n"


def send(client, auth, content):
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    return client.post("/uploadfile", auth=auth, content=multipart(content), headers=headers)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_site_sends_nothing_with_a_password_that_the_browser_remembers(
    small, admin, site
):
    sent = {"auth": admin, "files": {"file": ("a.csv", GOOD)}}
    foreign = {"Sec-Fetch-Site": site, "Origin": "https://evil.example"}
    answer = small.post("/uploadfile", headers=foreign, **sent)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    own = {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}
    assert small.post("/uploadfile", headers=own, **sent).status_code == 201


def test_a_page_of_a_named_origin_may_send(home, admin, monkeypatch):
    monkeypatch.setenv("SATISPY_CORS_ORIGINS", "https://shop.example")
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://shop.example"}
    review = {"Commentaire": "bien", "star": 5}
    with TestClient(create_app(load_settings())) as api:
        assert api.post("/comment", auth=admin, headers=foreign, json=review).status_code == 201


def test_a_file_above_the_limit_is_refused(small, admin):
    answer = small.post("/uploadfile", auth=admin, files={"file": ("a.csv", GOOD + b"x" * 10**6)})
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
    assert "SATISPY_MAX_UPLOAD_MB" in answer.json()["detail"]


def test_a_body_of_undeclared_length_is_counted_as_it_comes(small, admin):
    answer = send(small, admin, GOOD + b"x" * 2_500_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
    assert send(small, admin, GOOD).status_code == 201


@pytest.mark.parametrize("length", ["10", "-1", "1e3", "١٠", "0x10"])
def test_a_content_length_that_lies_changes_nothing(small, admin, length):
    headers = {
        "Content-Type": "multipart/form-data; boundary=b",
        "Content-Length": length.encode(),
    }
    body = b"".join(multipart(GOOD + b"x" * 2_500_000))
    answer = small.post("/uploadfile", auth=admin, content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


def test_a_body_that_is_declared_too_large_is_not_waited_for(small, admin):
    headers = {"Content-Type": "multipart/form-data; boundary=b", "Content-Length": "9" * 20}
    answer = small.post("/uploadfile", auth=admin, content=b"", headers=headers)
    assert (answer.status_code, answer.headers["Connection"]) == (413, "close")


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "br", "identity, gzip", "x" * 1000])
@pytest.mark.parametrize("path", ["/uploadfile", "/comment"])
def test_a_body_that_says_it_is_compressed_is_refused(api, admin, path, encoding):
    headers = {"Content-Type": "multipart/form-data; boundary=b", "Content-Encoding": encoding}
    body = gzip.compress(b"".join(multipart(GOOD)))
    answer = api.post(path, auth=admin, content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-file")
    assert "uncompressed" in answer.json()["detail"]


def test_a_body_that_says_it_is_not_compressed_is_taken(api, admin):
    files = {"file": ("a.csv", GOOD)}
    headers = {"Content-Encoding": "identity"}
    assert api.post("/uploadfile", auth=admin, files=files, headers=headers).status_code == 201


def test_a_database_that_is_gone_is_told_and_is_no_defect(postgresql, monkeypatch, admin):
    with ExitStack() as opened:
        with postgresql.database() as url:
            monkeypatch.setenv("SATISPY_DATABASE_URL", url)
            client = opened.enter_context(TestClient(create_app(load_settings())))
        for answer in (
            client.get("/status", auth=admin),
            client.post("/uploadfile", auth=admin, files={"file": ("a.csv", GOOD)}),
            client.post("/comment", auth=admin, json={"Commentaire": "bien", "star": 5}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (503, "database-lost")
            assert "cannot be reached" in answer.json()["detail"]


SMALL_DISK = """
import resource, sys
from fastapi.testclient import TestClient
from reviews_api.app import create_app

content = sys.stdin.buffer.read()
with TestClient(create_app()) as client:
    def send(content):
        files = {"file": ("a.csv", content)}
        answer = client.post("/uploadfile", auth=("admin", "admin's password"), files=files)
        print(answer.status_code, answer.json().get("code"))
    largest = resource.RLIM_INFINITY
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), largest))
    send(content)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    send(content)
"""


@pytest.mark.parametrize(
    ("row", "rows", "room"),
    [
        ("très bien numéro {},5,", 200_000, 3_000_000),
        ("bien {},5,", 60_000, 600_000),
        ("bien {},9,\nbien {},5,", 8_000, 400_000),
    ],
    ids=["spooled body", "base", "quarantine"],
)
def test_a_full_disk_is_told_nothing_is_added_and_the_same_file_may_come_again(
    home, row, rows, room
):
    """A limit on the size of files, which the system tells as it tells a full disk."""
    content = "Commentaire,star,date\n" + "".join(
        row.replace("{}", str(number)) + "\n" for number in range(rows)
    )
    done = subprocess.run(
        [sys.executable, "-c", SMALL_DISK, str(room)],
        input=content.encode(),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().splitlines() == ["507 storage-full", "201 None"]


def test_only_an_upload_may_be_large(small, user):
    answer = small.post("/predict", auth=user, content=b" " * 9_000_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


@pytest.mark.parametrize("path", ["/predict", "/comment", "/uploadfile"])
def test_the_body_of_a_stranger_is_not_even_read(api, path):
    """Over the ASGI interface itself: the application never asks for the body."""

    async def ask():
        messages = []
        scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "headers": [(b"authorization", b"Basic YTpi")],
            "query_string": b"",
            "app": api.app,
        }

        async def receive():
            raise AssertionError("the body of a stranger was read")

        async def send(message):
            messages.append(message)

        await api.app(scope, receive, send)
        return messages[0]["status"]

    assert api.portal.call(ask) == 401


def test_health_is_answered_and_writers_are_told_to_try_again_while_one_holds_the_lock(api, user):
    database = api.app.state.home.database
    database._patience = 0.05
    answers = []

    def comment():
        answers.append(api.post("/comment", auth=user, json={"Commentaire": "bien", "star": 5}))

    with database.writing():
        threads = [threading.Thread(target=comment) for _ in range(8)]
        for thread in threads:
            thread.start()
        assert api.get("/health").status_code == 200
        assert api.get("/status", auth=user).status_code == 200
        for thread in threads:
            thread.join()
    assert {answer.status_code for answer in answers} == {503}
    assert {answer.json()["code"] for answer in answers} == {"busy"}
    assert answers[0].headers["Retry-After"]
    comment()
    assert answers[-1].status_code == 201


def test_a_defect_answers_in_the_shape_of_all_refusals(api, user, monkeypatch):
    def fail(*_given):
        raise ZeroDivisionError

    monkeypatch.setattr("reviews_api.routes.data.past_uploads", fail)
    with TestClient(create_app(load_settings()), raise_server_exceptions=False) as client:
        answer = client.get("/uploads", auth=user)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")

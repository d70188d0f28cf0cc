import threading

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


def test_a_file_above_the_limit_is_refused(small, admin):
    answer = small.post("/uploadfile", auth=admin, files={"file": ("a.csv", GOOD + b"x" * 10**6)})
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
    assert "SATISPY_MAX_UPLOAD_MB" in answer.json()["detail"]


def test_a_body_of_undeclared_length_is_counted_as_it_comes(small, admin):
    answer = send(small, admin, GOOD + b"x" * 2_500_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
    assert send(small, admin, GOOD).status_code == 201


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

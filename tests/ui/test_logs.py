"""What the page says of each question to the API, and under which id."""

import json
import logging

import httpx2 as httpx
import pytest

from reviews_ui.api.accounts import account
from reviews_ui.api.connection import Connection
from reviews_ui.api.errors import TooSlow
from reviews_ui.logs import Lines, install, log

PASSWORD = "un mot de passe"


@pytest.fixture(autouse=True)
def said(monkeypatch):
    """The page's lines, and its logger put back afterwards."""
    monkeypatch.setattr(log, "handlers", [])
    monkeypatch.setattr(log, "level", logging.INFO)
    install()


def ask(respond):
    return Connection(
        "http://api", "alice\nforged", PASSWORD, transport=httpx.MockTransport(respond)
    )


def test_one_id_goes_from_the_page_to_the_api_and_stands_in_the_line(capsys):
    sent = []

    def respond(request):
        sent.append(request.headers["X-Request-ID"])
        return httpx.Response(200, json={"username": "alice", "role": "user"})

    api = ask(respond)
    account(api)
    account(api)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["request_id"] for line in lines] == sent
    assert len(set(sent)) == 2
    assert (lines[0]["path"], lines[0]["status"], lines[0]["level"]) == (
        *("/authentification", 200),
        "info",
    )
    assert lines[0]["user"] == "alice\nforged"


def test_an_api_that_does_not_answer_is_one_line_too_and_no_secret_is_told(capsys):
    def never(request):
        raise httpx.ReadTimeout(f"password={PASSWORD}", request=request)

    with pytest.raises(TooSlow):
        account(ask(never))
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["error"] == "too slow"
    assert PASSWORD not in line


@pytest.mark.parametrize("kind", ["json", "console"])
def test_nothing_forges_a_line(capsys, monkeypatch, kind):
    monkeypatch.setenv("SATISPY_LOG_FORMAT", kind)
    try:
        raise ValueError("x\r\nforged\u2028\x1b[2J http://ada:geheim@host")
    except ValueError:
        log.exception("failed\nforged", extra={"user": "x\nforged"})
    (line,) = capsys.readouterr().err.splitlines()
    assert "\x1b" not in line
    assert "geheim" not in line


def test_streamlits_own_lines_are_such_lines():
    from streamlit.logger import get_logger

    logger = get_logger("streamlit.of_a_test")
    install()
    assert all(isinstance(handler.formatter, Lines) for handler in logger.handlers)

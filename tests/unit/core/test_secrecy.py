import logging

import pytest
from pydantic import SecretStr

from satispy.core.secrecy import MaskedLines, masked, masking, secrets_in

TOLD = [
    "Authorization: Basic YWRtaW46aHVudGVyMg==",
    "{'authorization': 'Bearer hunter2.hunter2.hunter2'}",
    "postgresql://ada:hunter2@host/name",
    "postgresql://ada:hunter2@with-at@host/name",
    "https://hunter2hunter2@host/simple",
    "password=hunter2&x=1",
    '"password": "hunter2 with a space"',
    "PGPASSWORD=hunter2",
    "api_key: hunter2",
    "?key=hunter2",
    "access_token=hunter2;",
    "Set-Cookie: hunter2",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.aHVudGVyMg",
]


@pytest.mark.parametrize("text", TOLD)
def test_what_looks_like_a_secret_is_masked(text):
    found = masked(text)
    assert "hunter2" not in found
    assert "YWRtaW46" not in found
    assert "eyJzdWIi" not in found
    assert "***" in found


@pytest.mark.parametrize(
    "text",
    [
        "expected a name and a password (HTTP Basic)",
        "http://127.0.0.1:8000/docs",
        "upload 3f2a: version 4, 12 rows",
        "an e-mail to ada@example.org",
        "the basic rules",
        "one Idempotency-Key, two different requests",
    ],
)
def test_what_is_none_stays_readable(text):
    assert masked(text) == text


def test_a_known_secret_is_masked_wherever_it_stands_and_however_it_is_written():
    clean = masking(["pä ss/w@rd", "12"])
    told = {"a": ["pä ss/w@rd", "p%C3%A4%20ss%2Fw%40rd"], "b": ValueError("x pä ss/w@rd"), "c": 12}
    assert clean(told) == {"a": ["***", "***"], "b": "x ***", "c": 12}


def test_a_field_is_masked_by_its_name():
    told = {"password": "a", "X-Api-Key": "b", "token": "c", "user": "d", "status": 200}
    assert masking()(told) == {
        **dict.fromkeys(("password", "X-Api-Key", "token"), "***"),
        "user": "d",
        "status": 200,
    }


def test_the_secrets_of_settings_are_passwords_and_not_hosts():
    given = [
        ("a", SecretStr("postgresql://ada:pass%40word@host/name")),
        ("b", SecretStr("whole")),
        ("c", SecretStr("http://host:5000")),
        ("d", "no secret"),
    ]
    assert secrets_in(given) == {"pass@word", "whole"}


def test_the_path_of_a_webhook_is_a_secret_for_it_lets_anybody_write_there():
    given = [("webhook_url", SecretStr("https://hooks.example.org/services/T0/x"))]
    clean = masking(secrets_in(given))
    assert clean("POST https://hooks.example.org/services/T0/x") == "POST ***"
    assert clean("POST /services/T0/x HTTP/1.1") == "POST /*** HTTP/1.1"


def test_a_command_warns_without_secrets():
    record = logging.makeLogRecord({"msg": "no answer from http://ada:hunter2@host"})
    assert MaskedLines().format(record) == "no answer from http://***@host"

import pytest

from listeners import collecting, never_answering
from satispy.core.errors import ConfigurationError
from satispy.core.settings import load_settings
from satispy.core.webhook_address import require_webhook
from satispy.monitoring.webhook import post
from satispy.stack.ports import free_port


@pytest.mark.parametrize(
    "address",
    [
        "http://hooks.example.org/x",
        "http://127.0.0.1.example.org/x",
        "http://localhost@example.org/x",
        "ftp://127.0.0.1/hush",
        "file:///etc/hush",
        "https://",
        "https:///hush",
        "https://host:0/hush",
        "https://host:99999/hush",
        "https://[bad/hush",
        "https://host/hush#part",
        "https://host/hush\r\nX: y",
        "https://hôte/hush",
        "hush",
        "",
    ],
)
def test_an_address_that_may_not_be_posted_to_is_refused_and_not_shown(address):
    with pytest.raises(ConfigurationError, match="SATISPY_WEBHOOK_URL") as refused:
        require_webhook(address)
    assert "hush" not in str(refused.value)


def test_a_wrong_address_is_refused_with_the_settings_and_not_shown(monkeypatch):
    monkeypatch.setenv("SATISPY_WEBHOOK_URL", "http://hooks.example.org/hush")
    with pytest.raises(ConfigurationError) as refused:
        load_settings()
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        "https://hooks.example.org/a?b=c",
        "http://127.0.0.1:9/x",
        "http://localhost/x",
        "http://[::1]/",
    ],
)
def test_https_and_this_machine_may_be_posted_to(address):
    assert require_webhook(address) == address


def test_a_message_is_json_with_its_id_beside_it():
    with collecting(204) as server:
        delivery = post(f"{server.url}/hook", "5f", {"id": "5f", "text": "à voir"})
    ((path, headers, body),) = server.requests
    assert (path, body) == ("/hook", {"id": "5f", "text": "à voir"})
    assert headers["Idempotency-Key"] == "5f"
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"].startswith("satispy/")
    assert (delivery.delivered, delivery.status) == (True, 204)


@pytest.mark.parametrize(
    ("status", "detail"),
    [(301, "redirects are not followed"), (307, "not followed"), (404, "404"), (500, "500")],
)
def test_any_other_answer_is_no_delivery(status, detail):
    with collecting(status) as server:
        delivery = post(server.url, "5f", {})
    assert (delivery.delivered, delivery.status) == (False, status)
    assert detail in delivery.detail
    assert len(server.requests) == 1


def test_nobody_there_is_no_delivery_and_the_address_is_not_shown():
    delivery = post(f"http://127.0.0.1:{free_port()}/hush", "5f", {})
    assert (delivery.delivered, delivery.status) == (False, None)
    assert delivery.detail == "no answer: ConnectError"


def test_a_server_that_hangs_is_not_waited_for():
    with never_answering() as url:
        delivery = post(url, "5f", {}, timeout=0.2)
    assert (delivery.delivered, delivery.status) == (False, None)
    assert "no answer" in delivery.detail

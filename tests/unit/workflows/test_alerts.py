"""Who looks, what is told, and what is not."""

import json
import threading
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta

import pytest
from pydantic import SecretStr

from listeners import collecting
from satispy.core.database import Database
from satispy.core.errors import Busy, ConfigurationError, NoWebhook
from satispy.core.settings import Settings
from satispy.registry.reports import write_report
from satispy.workflows import webhook_delivery
from satispy.workflows.alerts import (
    list_alerts,
    settle_models,
    settle_reports,
    settle_retraining,
    try_webhook,
    waiting_messages,
)
from satispy.workflows.webhook_delivery import Courier, deliver_due

HUSH = "https://hooks.example.org/services/very-secret"


@dataclass(frozen=True)
class Broken:
    family: str = "svm"
    run: str = "1-svm"
    detail: str = "1-svm disagrees with its manifest"
    answers: str | None = None


@pytest.fixture
def database():
    with closing(Database(Settings().database_place)) as opened:
        yield opened


def report(family="svm", number=1, **scores):
    at = f"2026112{number}T080000.000000Z"
    facts = {
        "family": family,
        "run": f"{at}-{family}",
        "date_heure": at,
        "rows": 9,
        "dataset_version": number,
        "dag_run": "r",
        "accuracy": 0.9,
        "f1_0": 0.9,
        "f1_1": 0.9,
    }
    write_report(Settings().paths.reports, {**facts, **scores})
    return facts["run"]


def events(changes):
    return [(change.event, change.alert.family, change.alert.metric) for change in changes]


def test_alerts_follow_the_newest_run_of_each_family(database, clock):
    settings = Settings()
    report("svm", 1, f1_0=0.5)
    report("gbc", 1, accuracy=0.8)
    assert events(settle_reports(settings, database, clock)) == [
        ("opened", "gbc", "accuracy"),
        ("opened", "svm", "f1_0"),
    ]
    report("svm", 2)
    assert events(settle_reports(settings, database, clock)) == [("ended", "svm", "f1_0")]
    assert settle_reports(settings, database, clock) == []


def test_the_threshold_is_that_of_the_settings(database, clock):
    report("svm", 1, f1_0=0.5)
    assert settle_reports(Settings(alert_threshold=0.4), database, clock) == []
    assert len(settle_reports(Settings(alert_threshold=0.95), database, clock)) == 3


def test_a_report_that_cannot_be_read_leaves_its_alerts_as_they_are(database, clock):
    settings = Settings()
    run = report("svm", 1, f1_0=0.5)
    settle_reports(settings, database, clock)
    (settings.paths.reports / f"{run}.json").write_text("{")
    assert settle_reports(settings, database, clock) == []
    assert list_alerts(database)[1] == 1


def test_a_home_without_reports_has_no_alerts(database, clock):
    assert settle_reports(Settings(), database, clock) == []


def test_a_damaged_model_is_an_alert_until_it_can_be_read(database, clock):
    settings = Settings()
    (opened,) = settle_models(settings, database, clock, [Broken()])
    assert opened.alert.detail == "1-svm disagrees with its manifest; meanwhile none answers"
    settle_models(settings, database, clock, [Broken(answers="0-svm")])
    ((alert,), _) = list_alerts(database)
    assert alert.detail.endswith("meanwhile 0-svm answers")
    (ended,) = settle_models(settings, database, clock, [])
    assert ended.event == "ended"


def test_two_failed_retrainings_are_one_alert_which_the_next_success_ends(database, clock):
    settings = Settings()
    assert len(settle_retraining(settings, database, clock, "a", "a failed")) == 1
    assert settle_retraining(settings, database, clock, "b", "b failed") == []
    ((alert,), _) = list_alerts(database)
    assert (alert.run, alert.detail) == ("b", "b failed")
    assert len(settle_retraining(settings, database, clock, "c", None)) == 1
    assert list_alerts(database)[1] == 0


def test_an_alert_and_its_end_come_once_each_in_their_order(database, clock):
    with collecting() as server:
        settings = Settings(webhook_url=f"{server.url}/hook")
        settle_retraining(settings, database, clock, "a", "a failed")
        settle_retraining(settings, database, clock, "b", "b failed")
        settle_retraining(settings, database, clock, "c", None)
        assert deliver_due(settings, database, clock) == 2
        assert deliver_due(settings, database, clock) == 0
    opened, ended = server.told
    assert (opened["event"], ended["event"]) == ("opened", "ended")
    assert opened["text"] == "Satispy: ALERT: a failed"
    assert opened["alert"]["run"] == "a"
    assert opened["alert"]["ended_at"] is None
    assert ended["alert"]["id"] == opened["alert"]["id"]
    assert ended["alert"]["ended_at"] > opened["alert"]["since"]
    assert ended["id"] != opened["id"]


def test_what_was_not_taken_comes_later_with_the_same_id_over_a_restart(clock):
    with collecting(503) as server:
        settings = Settings(webhook_url=server.url)
        with closing(Database(settings.database_place)) as database:
            settle_retraining(settings, database, clock, "a", "a failed")
            assert deliver_due(settings, database, clock) == 0
            ((message, complaint),) = waiting_messages(database)
        assert (message.attempts, complaint) == (1, "it answers 503")
        server.status = 200
        with closing(Database(settings.database_place)) as database:
            assert deliver_due(settings, database, clock) == 0  # not its time yet
            clock.now += timedelta(seconds=10)
            assert deliver_due(settings, database, clock) == 1
    assert [body["id"] for body in server.told] == [message.id] * 2


def test_the_first_that_is_not_taken_ends_the_round(database, clock):
    with collecting(500) as server:
        settings = Settings(webhook_url=server.url)
        report("svm", 1, accuracy=0.1, f1_0=0.1, f1_1=0.1)
        settle_reports(settings, database, clock)
        deliver_due(settings, database, clock)
    assert len(server.requests) == 1


def test_where_no_webhook_is_set_nothing_is_kept_for_it(database, clock):
    settle_retraining(Settings(), database, clock, "a", "a failed")
    assert waiting_messages(database) == []
    assert deliver_due(Settings(), database, clock) == 0


def test_the_message_and_the_alert_are_written_together_or_not_at_all(database, clock, monkeypatch):
    def fail(*_arguments):
        raise RuntimeError

    monkeypatch.setattr("satispy.monitoring.outbox.put", fail)
    with pytest.raises(RuntimeError):
        settle_retraining(Settings(webhook_url=HUSH), database, clock, "a", "a failed")
    assert list_alerts(database) == ([], 0)


def test_no_secret_of_the_settings_leaves_with_a_message(database, clock):
    settings = Settings(webhook_url=HUSH, mlflow_uri="http://me:hush-hush@host:5000")
    said = f"cannot reach http://me:hush-hush@host:5000; tell {HUSH}"
    settle_retraining(settings, database, clock, "a", said)
    ((message, _),) = waiting_messages(database)
    kept = json.dumps(message.body)
    assert "hush-hush" not in kept
    assert "very-secret" not in kept


def test_a_test_is_posted_at_once_and_kept_nowhere(database, clock):
    with collecting() as server:
        delivery = try_webhook(Settings(webhook_url=server.url), clock, "alice")
    (body,) = server.told
    assert delivery.delivered
    assert (body["event"], body["alert"]) == ("test", None)
    assert "alice" in body["text"]
    assert waiting_messages(database) == []


def test_a_test_without_a_webhook_says_what_to_set(clock):
    with pytest.raises(NoWebhook, match="SATISPY_WEBHOOK_URL"):
        try_webhook(Settings(), clock, "alice")


class Heard:
    """Waits for a number of messages."""

    def __init__(self, monkeypatch, number):
        self._all_there = threading.Event()
        left = [number]

        def deliver(*arguments):
            taken = deliver_due(*arguments)
            left[0] -= taken
            if left[0] <= 0:
                self._all_there.set()
            return taken

        monkeypatch.setattr(webhook_delivery, "deliver_due", deliver)

    def wait(self):
        assert self._all_there.wait(30)


def test_a_running_courier_sends_what_others_wrote(database, clock, monkeypatch):
    heard = Heard(monkeypatch, 1)
    with collecting() as server:
        settings = Settings(webhook_url=server.url)
        with closing(Courier(settings, database, clock, every=0.01)):
            settle_retraining(settings, database, clock, "a", "a failed")
            heard.wait()
    assert len(server.told) == 1


def test_a_courier_outlives_a_database_that_is_busy(database, clock, monkeypatch):
    heard = Heard(monkeypatch, 1)
    counted = webhook_delivery.deliver_due
    busy = [True]

    def sometimes(*arguments):
        if busy.pop() if busy else False:
            raise Busy("others write")
        return counted(*arguments)

    monkeypatch.setattr(webhook_delivery, "deliver_due", sometimes)
    with collecting() as server:
        settings = Settings(webhook_url=server.url)
        settle_retraining(settings, database, clock, "a", "a failed")
        with closing(Courier(settings, database, clock, every=0.01)):
            heard.wait()
    assert len(server.told) == 1


def test_two_couriers_send_nothing_twice(database, clock, monkeypatch):
    heard = Heard(monkeypatch, 9)
    with collecting() as server:
        settings = Settings(webhook_url=server.url)
        with (
            closing(Database(settings.database_place)) as other,
            closing(Courier(settings, database, clock, every=0.01)),
            closing(Courier(settings, other, clock, every=0.01)),
        ):
            for family in ("a", "b", "c"):
                report(family, 1, accuracy=0.1, f1_0=0.1, f1_1=0.1)
            settle_reports(settings, database, clock)
            heard.wait()
    ids = [body["id"] for body in server.told]
    assert len(ids) == len(set(ids)) == 9


def test_without_a_webhook_a_courier_has_no_thread(database, clock):
    before = threading.active_count()
    with closing(Courier(Settings(), database, clock)):
        assert threading.active_count() == before


def test_a_courier_refuses_an_address_that_may_not_be_posted_to(database, clock):
    settings = Settings(webhook_url=SecretStr("http://hooks.example.org/hush"))
    with pytest.raises(ConfigurationError, match="SATISPY_WEBHOOK_URL"):
        Courier(settings, database, clock)

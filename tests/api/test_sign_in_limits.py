import asyncio
import threading
from contextlib import closing

import pytest
from fastapi.testclient import TestClient

from reviews_api.app import create_app
from reviews_api.guard import MOST_STRANGERS_WAITING, SignInGuard
from satispy.accounts.users import UserDirectory
from satispy.core.database import Database
from satispy.core.errors import DatabaseLost, TooManyAttempts
from satispy.core.settings import load_settings
from satispy.workflows.sign_in_limits import FailedSignIns, Limits, SignInLimits

OFFICE, HOTEL = "192.0.2.1", "198.51.100.7"


@pytest.fixture
def home(sqlite_home, monkeypatch):
    monkeypatch.setenv("SATISPY_SIGN_IN_FAILURES", "3")
    return sqlite_home


def client(address, app=None):
    """Return a client that comes from this address."""
    return TestClient(app or create_app(load_settings()), client=(address, 50_000))


def fail(api, name="alice", times=3):
    for number in range(times):
        assert api.get("/status", auth=(name, f"wrong {number}")).status_code == 401


def written(api):
    api.portal.call(api.app.state.guard.write)


def test_after_too_many_failures_the_next_is_refused_before_anything_is_verified(
    home, user, monkeypatch
):
    with client(OFFICE) as api:
        fail(api)
        monkeypatch.setattr(UserDirectory, "authenticate", None)
        monkeypatch.setattr(FailedSignIns, "counts", None)  # a known refusal reads nothing
        for answer in (
            api.get("/status", auth=user),
            api.post("/comment", auth=user, json={"Commentaire": "bien", "star": 5}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (429, "too-many-attempts")
            assert 290 <= int(answer.headers["Retry-After"]) <= 300


def test_the_other_workers_refuse_too(home, user):
    with client(OFFICE) as one, client(OFFICE) as other:
        fail(one)
        written(one)
        assert other.get("/status", auth=user).status_code == 429


def test_the_limit_holds_over_a_restart(home, user):
    with client(OFFICE) as api:
        fail(api)
    with client(OFFICE) as api:
        assert api.get("/status", auth=user).status_code == 429


def test_a_stranger_who_guesses_locks_nobody_out_elsewhere(home, user):
    with client(OFFICE) as guesser:
        fail(guesser)
        hotel = client(HOTEL, guesser.app)
        assert hotel.get("/status", auth=user).status_code == 200


def test_who_is_signed_in_goes_on_while_their_own_address_is_refused(home, user):
    with client(OFFICE) as api:
        assert api.get("/status", auth=user).status_code == 200
        fail(api)
        assert api.get("/status", auth=("alice", "wrong")).status_code == 429
        assert api.get("/status", auth=user).status_code == 200


def test_an_address_that_tries_many_names_is_refused_but_not_for_whom_it_knows(home, user, admin):
    with client(OFFICE) as api:
        assert api.get("/status", auth=user).status_code == 200
        for number in range(15):
            fail(api, f"name {number}", times=1)
        assert api.get("/status", auth=admin).status_code == 429
    with client(OFFICE) as api:  # which remembers no password any more
        assert api.get("/status", auth=user).status_code == 200
        assert api.get("/status", auth=admin).status_code == 429


def test_a_success_forgives_the_address_nothing(home, user):
    with client(OFFICE) as api:
        for number in range(15):
            fail(api, f"name {number}", times=1)
            assert api.get("/status", auth=user).status_code == 200
        assert api.get("/status", auth=("name 99", "wrong")).status_code == 429


def test_without_credentials_nothing_is_counted(home, user):
    with client(OFFICE) as api:
        for _ in range(20):
            assert api.get("/status").status_code == 401
        assert api.get("/status", auth=user).status_code == 200


class Clock:
    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def limits(database_place, clock):
    with closing(Database(database_place)) as database:
        yield SignInLimits(FailedSignIns(database, Clock(clock()), Limits(per_pair=3)))


def test_a_flood_that_waits_is_refused_at_once_and_who_is_known_passes_it_by(limits):
    """One stranger is verified, so many wait, the rest hears 429; a known pair waits for nobody."""
    let_go = threading.Event()

    def wrong():
        let_go.wait(30)

    async def ask():
        guard = SignInGuard(limits)
        assert await guard.attempt("alice", OFFICE, lambda: "alice")
        flood = [
            asyncio.create_task(guard.attempt(f"name {number}", f"203.0.113.{number}", wrong))
            for number in range(MOST_STRANGERS_WAITING + 10)
        ]
        done, _ = await asyncio.wait(flood, return_when=asyncio.FIRST_COMPLETED)
        while len(done) < 9:
            done, _ = await asyncio.wait(flood, timeout=0.01)
        assert await guard.attempt("alice", OFFICE, lambda: "alice") == "alice"
        let_go.set()
        answers = await asyncio.gather(*flood, return_exceptions=True)
        await guard.close()
        return answers

    answers = asyncio.run(ask())
    refused = [answer for answer in answers if isinstance(answer, TooManyAttempts)]
    assert len(refused) == 9
    assert {answer.retry_after for answer in refused} == {1}
    assert answers.count(None) == MOST_STRANGERS_WAITING + 1


def test_guesses_that_come_all_at_once_are_not_more_than_those_that_come_in_turn(limits):
    tried = []

    async def ask():
        guard = SignInGuard(limits)
        asked = (guard.attempt("alice", OFFICE, lambda: tried.append(1)) for _ in range(15))
        await asyncio.gather(*asked, return_exceptions=True)
        await guard.close()

    asyncio.run(ask())
    assert len(tried) == 3


def test_failures_that_cannot_be_written_count_here_and_are_written_later(limits, monkeypatch):
    write = FailedSignIns.write

    def lost(*_given):
        raise DatabaseLost("gone")

    async def ask():
        guard = SignInGuard(limits)
        monkeypatch.setattr(FailedSignIns, "write", lost)
        for _ in range(3):
            assert await guard.attempt("alice", OFFICE, lambda: None) is None
        await guard.write()
        with pytest.raises(TooManyAttempts):
            await guard.attempt("alice", OFFICE, lambda: "alice")
        monkeypatch.setattr(FailedSignIns, "write", write)
        await guard.close()

    asyncio.run(ask())
    again = SignInLimits(limits._failures)

    async def ask_again():
        with pytest.raises(TooManyAttempts):
            await SignInGuard(again).attempt("alice", OFFICE, lambda: "alice")

    asyncio.run(ask_again())

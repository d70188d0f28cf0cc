import asyncio
import threading
from contextlib import closing
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from reviews_api.guard import VERIFIED_AT_ONCE, SignInGuard
from reviews_api.security import Credentials
from satispy.accounts.users import User, UserDirectory
from satispy.core.database import Database
from satispy.core.settings import load_settings
from satispy.workflows.opening import open_home
from satispy.workflows.sign_in_limits import FailedSignIns, Limits, SignInLimits

AT = datetime(2026, 11, 21, tzinfo=UTC)
FOR_USERS = [
    ("get", "/status"),
    ("get", "/authentification"),
    ("get", "/reports"),
    ("get", "/models"),
    ("get", "/models/{run}/card"),
    ("get", "/models/{run}/card.html"),
    ("get", "/uploads"),
    ("post", "/predict"),
    ("post", "/comment"),
]


@pytest.mark.parametrize(("method", "path"), [*FOR_USERS, ("post", "/uploadfile")])
def test_without_credentials_nothing_is_answered(api, method, path):
    answer = getattr(api, method)(path)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert answer.json()["code"] == "unauthenticated"


@pytest.mark.parametrize("wrong", [("alice", "wrong"), ("nobody", "wrong"), ("", ""), ("é", "é")])
def test_wrong_credentials_are_all_answered_alike(api, wrong):
    answer = api.get("/status", auth=wrong)
    assert answer.status_code == 401
    assert answer.json()["detail"] == "name or password is wrong, or the account is disabled"


@pytest.mark.parametrize(
    "header",
    [
        "Basic ???",
        "Basic YWJj",
        "Bearer x",
        "Basic",
        "Basic /w==",
        "Basic AGE6Yg==",
        b"Basic \xc3\xa9",
    ],
)
def test_a_header_that_cannot_be_read_is_as_none(api, header):
    assert api.get("/status", headers={"Authorization": header}).status_code == 401


def test_half_a_character_is_no_name_and_no_password(api, user):
    form = (
        b"--b\r\nContent-Disposition: form-data; name=grant_type\r\n\r\npassword\r\n"
        b"--b\r\nContent-Disposition: form-data; name=username\r\n"
        b"Content-Type: text/plain; charset=utf-7\r\n\r\n+2AA-\r\n"
        b"--b\r\nContent-Disposition: form-data; name=password\r\n\r\nx\r\n--b--\r\n"
    )
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert api.post("/token", content=form, headers=headers).status_code == 400
    wrong = b'{"old": "\\ud800", "new": "a long pass phrase"}'
    headers = {"Content-Type": "application/json"}
    answer = api.post("/users/me/password", auth=user, content=wrong, headers=headers)
    assert answer.status_code in {403, 422}


def test_names_and_passwords_may_be_french(api):
    api.app.state.home.users.add("zoé", "clé très cachée", "user")
    answer = api.get("/authentification", auth=("zoé", "clé très cachée"))
    assert answer.json() == {"username": "zoé", "role": "user"}


def test_a_user_may_not_upload(api, user):
    answer = api.post("/uploadfile", auth=user, files={"file": ("a.csv", b"Commentaire,star\na,5")})
    assert answer.status_code == 403
    assert api.get("/status", auth=user).json()["dataset"]["rows"] == 0


def test_the_root_leads_to_the_documentation(api):
    assert api.get("/").url.path == "/docs"


def test_health_is_open(api):
    assert api.get("/health").json() == {"status": "alive"}


def test_one_learns_who_one_is(api, admin, user):
    who = "/authentification"
    assert api.get(who, auth=admin).json() == {"username": "admin", "role": "admin"}
    assert api.get(who, auth=user).json() == {"username": "alice", "role": "user"}


def test_a_right_password_is_verified_once_and_then_remembered(api, user, monkeypatch):
    verified = []
    authenticate = UserDirectory.authenticate

    def counted(self, *given):
        verified.append(given)
        return authenticate(self, *given)

    monkeypatch.setattr(UserDirectory, "authenticate", counted)
    for _ in range(3):
        assert api.get("/status", auth=user).status_code == 200
    assert len(verified) == 1
    assert api.get("/status", auth=(user[0], "wrong")).status_code == 401


def test_many_clients_of_one_account_do_not_each_wait_for_a_verification(database_place, clock):
    class Users:
        verified = 0

        def changed_at(self, name):
            return AT

        def authenticate(self, name, password):
            self.verified += 1
            return User(name, "user", False, AT)

    async def ask(users):
        guard = SignInGuard(SignInLimits(FailedSignIns(database, clock, Limits())))
        credentials = Credentials(SimpleNamespace(users=users), guard)
        asked = (credentials.check("alice", "right", "192.0.2.1") for _ in range(100))
        try:
            return await asyncio.gather(*asked)
        finally:
            await guard.close()

    users = Users()
    with closing(Database(database_place)) as database:
        answers = asyncio.run(ask(users))
    assert {user.name for user in answers} == {"alice"}
    assert users.verified <= VERIFIED_AT_ONCE


def test_a_request_with_a_body_asks_for_its_user_once(api, user, monkeypatch):
    asked = []
    changed_at = UserDirectory.changed_at

    def counted(self, name):
        asked.append(name)
        return changed_at(self, name)

    monkeypatch.setattr(UserDirectory, "changed_at", counted)
    review = {"Commentaire": "Colis reçu.", "star": 5}
    assert api.post("/comment", auth=user, json=review).status_code == 201
    assert asked == [user[0]]


def test_a_remembered_password_is_forgotten_when_the_account_changes(api, user):
    with open_home(load_settings()) as home:
        change_and_ask(api, home.users, user)


def change_and_ask(api, elsewhere, user):
    assert api.get("/status", auth=user).status_code == 200
    elsewhere.change_password("alice", "hers from now on")
    assert api.get("/status", auth=user).status_code == 401
    assert api.get("/status", auth=("alice", "hers from now on")).status_code == 200
    elsewhere.disable("alice")
    assert api.get("/status", auth=("alice", "hers from now on")).status_code == 401


def test_a_remembered_password_is_forgotten_after_a_minute(api, user):
    credentials = api.app.state.credentials
    now = [0.0]
    credentials._now = lambda: now[0]
    assert api.get("/status", auth=user).status_code == 200
    (mark,) = credentials._known
    now[0] = 61.0
    api.get("/status", auth=user)
    assert credentials._known[mark][2] == 121.0


def test_the_documentation_offers_to_sign_in(api):
    description = api.get("/openapi.json").json()
    assert description["components"]["securitySchemes"]["HTTPBasic"]["scheme"] == "basic"
    for method, path in FOR_USERS:
        assert description["paths"][path][method]["security"], path
    assert api.get("/docs").status_code == 200


def test_passwords_are_verified_in_two_threads_and_no_others(api, monkeypatch):
    """Each thread that ever verified keeps 19 MiB."""
    threads = set()

    def noted(_self, _name, _password):
        threads.add(threading.current_thread().name)

    monkeypatch.setattr(UserDirectory, "authenticate", noted)
    for number in range(8):
        assert api.get("/status", auth=("alice", f"wrong {number}")).status_code == 401
    assert threads <= {"passwords_0", "passwords_1"}

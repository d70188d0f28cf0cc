"""Forged, tampered with, expired, revoked: every token but a good one is refused alike."""

import base64
import json
from contextlib import closing
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import event, func, select

from satispy.accounts.signing_keys import SigningKeys
from satispy.accounts.tokens import REVOKED_TOKENS, Tokens
from satispy.accounts.users import UserDirectory
from satispy.core.database import Database

MINUTES = timedelta(minutes=15)


@pytest.fixture
def database(database_place):
    with closing(Database(database_place)) as opened:
        yield opened


@pytest.fixture
def users(database, clock):
    directory = UserDirectory(database, clock)
    directory.add("ann", "long enough", "admin")
    directory.add("bob", "long enough", "user")
    return directory


@pytest.fixture
def keys(tmp_path, standing_clock):
    return SigningKeys(tmp_path / "keys.json", standing_clock, timedelta(hours=1))


@pytest.fixture
def tokens(database, keys, standing_clock):
    return Tokens(database, keys, standing_clock, MINUTES)


@pytest.fixture
def bob(users):
    return users.authenticate("bob", "long enough")


@pytest.fixture
def token(tokens, bob):
    return tokens.issue(bob).text


def parts(token):
    head, body, _ = token.split(".")
    return [json.loads(base64.urlsafe_b64decode(part + "==")) for part in (head, body)]


def packed(value):
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def signed(keys, header, claims):
    """A token that our own key signed, whatever it says."""
    key = OctKey.import_key(keys.current().secret)
    return jwt.encode({"alg": "HS256", **header}, claims, key, algorithms=[header["alg"]])


def test_a_token_tells_who_its_user_is_and_little_else(tokens, token, bob, keys):
    caller = tokens.check(token)
    assert caller.user == bob
    assert (caller.credential.kind, caller.credential.scopes) == ("token", None)
    header, claims = parts(token)
    assert header == {"typ": "JWT", "alg": "HS256", "kid": keys.current().id}
    named = {"iss", "aud", "sub", "iat", "nbf", "exp", "jti", "auth_time", "account"}
    assert set(claims) == named
    assert claims["exp"] - claims["iat"] == 900
    assert tokens.issue(bob).text != token


def test_a_token_ends_after_its_time(tokens, token, standing_clock):
    standing_clock.goes_on(seconds=899)
    assert tokens.check(token) is not None
    standing_clock.goes_on(seconds=1)
    assert tokens.check(token) is None


def test_a_token_from_the_future_is_refused(tokens, token, standing_clock):
    standing_clock.goes_on(seconds=-1)
    assert tokens.check(token) is None


def test_a_token_without_an_algorithm_is_refused(tokens, token):
    header, claims = parts(token)
    for name in ("none", "None", "NONE", "nOnE", ""):
        unsigned = f"{packed({**header, 'alg': name})}.{packed(claims)}."
        assert tokens.check(unsigned) is None
        assert tokens.check(unsigned + token.rpartition(".")[2]) is None


@pytest.mark.parametrize("name", ["HS384", "HS512"])
def test_a_token_of_another_algorithm_is_refused_though_our_own_key_signed_it(
    tokens, token, keys, name
):
    header, claims = parts(token)
    assert tokens.check(signed(keys, {**header, "alg": name}, claims)) is None


def test_a_token_of_a_public_key_is_refused(tokens, token):
    header, claims = parts(token)
    key = RSAKey.generate_key(2048)
    forged = jwt.encode({**header, "alg": "RS256"}, claims, key, algorithms=["RS256"])
    assert tokens.check(forged) is None


def test_a_token_of_another_key_is_refused_whatever_it_is_called(tokens, token):
    header, claims = parts(token)
    other = OctKey.generate_key(256)
    for kid in (header["kid"], "other", "", "../../etc/passwd"):
        forged = jwt.encode({**header, "kid": kid}, claims, other, algorithms=["HS256"])
        assert tokens.check(forged) is None


@pytest.mark.parametrize("kid", ["unknown", "", "../x", 7, None, ["a"], {"a": 1}])
def test_a_token_that_names_no_key_of_ours_is_refused(tokens, token, kid):
    header, _ = parts(token)
    _, body, signature = token.split(".")
    assert tokens.check(f"{packed({**header, 'kid': kid})}.{body}.{signature}") is None


@pytest.mark.parametrize(
    "change", [{"sub": "ann"}, {"exp": 99_999_999_999}, {"jti": "other"}, {"account": 0}]
)
def test_a_token_whose_content_was_changed_is_refused(tokens, token, change):
    head, _, signature = token.split(".")
    _, claims = parts(token)
    assert tokens.check(f"{head}.{packed({**claims, **change})}.{signature}") is None


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "another service"},
        {"aud": ["another service"]},
        {"aud": None},
        {"iss": "somebody"},
        {"sub": "nobody"},
        {"sub": 7},
        {"sub": "ann"},
        {"exp": None},
        {"exp": "tomorrow"},
        {"nbf": 99_999_999_999},
        {"jti": None},
        {"jti": 7},
        {"account": None},
        {"account": "0"},
    ],
)
def test_a_token_that_we_signed_for_something_else_is_refused(tokens, token, keys, change):
    header, claims = parts(token)
    changed = {name: value for name, value in {**claims, **change}.items() if value is not None}
    assert tokens.check(signed(keys, header, changed)) is None


def test_a_token_of_another_type_is_refused(tokens, token, keys):
    header, claims = parts(token)
    assert tokens.check(signed(keys, {**header, "typ": "other+jwt"}, claims)) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "a.b.c.d.e",
        "é.é.é",
        "W10.W10.W10",
        "bnVsbA.e30.e30",
        "\0.\0.\0",
        "x" * 100_000,
        "sat_0123456789abcdef_x",
        f"{packed('[' * 1400)}.e30.e30",
        f"{packed('9' * 1400)}.e30.e30",
    ],
)
def test_what_is_no_token_is_refused(tokens, text):
    assert tokens.check(text) is None


def test_a_revoked_token_is_refused_and_no_other(tokens, token, bob):
    other = tokens.issue(bob).text
    credential = tokens.check(token).credential
    tokens.revoke(credential)
    tokens.revoke(credential)
    assert tokens.check(token) is None
    assert tokens.check(other) is not None


def test_revoked_tokens_that_are_over_anyway_are_forgotten(
    tokens, token, bob, database, standing_clock
):
    tokens.revoke(tokens.check(token).credential)
    standing_clock.goes_on(minutes=16)
    tokens.revoke(tokens.check(tokens.issue(bob).text).credential)
    with database.reading() as connection:
        kept = connection.execute(select(func.count()).select_from(REVOKED_TOKENS)).scalar()
    assert kept == 1


@pytest.mark.parametrize(
    "change", [{"password": "another one"}, {"role": "viewer"}, {"disabled": True}]
)
def test_a_token_is_void_once_the_account_changed(tokens, token, users, change):
    users.change("bob", **change)
    assert tokens.check(token) is None
    users.change("bob", disabled=False, role="user")
    assert tokens.check(token) is None
    fresh = tokens.issue(users.change("bob"))
    assert tokens.check(fresh.text).user.name == "bob"


def test_a_closed_account_gets_no_token(tokens, users, bob):
    users.disable("bob")
    assert tokens.issue(bob) is None


def test_a_token_outlives_a_rotation_and_no_longer_than_its_time(
    tokens, token, keys, bob, standing_clock
):
    keys.rotate()
    standing_clock.goes_on(minutes=5)
    keys.rotate()
    assert tokens.check(token) is not None
    assert parts(tokens.issue(bob).text)[0]["kid"] == keys.current().id
    keys.rotate(at_once=True)
    assert tokens.check(token) is None


def test_to_check_a_token_costs_one_statement_by_keys_and_no_password(
    tokens, token, database, users, monkeypatch
):
    said = []

    def hear(_connection, _cursor, statement, *_rest):
        said.append(statement)

    event.listen(database.engine, "before_cursor_execute", hear)
    monkeypatch.setattr(UserDirectory, "authenticate", None)
    assert tokens.check(token) is not None
    (statement,) = (text for text in said if text.startswith("SELECT"))
    assert "users" in statement
    assert "revoked_token" in statement
    said.clear()
    assert tokens.check(token[:-2]) is None
    assert said == []  # a forger does not even reach the database


def test_a_good_token_is_good_for_a_fresh_one_that_lives_anew(tokens, token, bob, standing_clock):
    standing_clock.goes_on(minutes=10)
    user, fresh = tokens.renewed(token)
    assert user == bob
    standing_clock.goes_on(minutes=10)
    assert tokens.check(token) is None
    assert tokens.check(fresh.text).user == bob


def test_no_token_is_renewed_twelve_hours_after_the_password(tokens, token, standing_clock):
    fresh = token
    for _ in range(12 * 6 - 1):
        standing_clock.goes_on(minutes=10)
        fresh = tokens.renewed(fresh)[1].text
    standing_clock.goes_on(minutes=10)
    assert tokens.check(fresh) is not None
    assert tokens.renewed(fresh) is None


def test_what_is_over_revoked_or_void_is_not_renewed(tokens, token, users, bob, standing_clock):
    standing_clock.goes_on(minutes=15)
    assert tokens.renewed(token) is None
    revoked = tokens.issue(bob).text
    tokens.revoke(tokens.check(revoked).credential)
    assert tokens.renewed(revoked) is None
    void = tokens.issue(bob).text
    users.disable("bob")
    assert tokens.renewed(void) is None

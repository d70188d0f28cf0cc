import subprocess
import sys

import pytest
from joserfc.jwk import RSAKey

from oidc_provider import CLIENT, SECRET, provider, secret_key
from reviews_api.app import create_app
from satispy.core.errors import ConfigurationError
from satispy.core.settings import load_settings

LONG_AGO, FAR_AHEAD = 1_000_000_000, 4_000_000_000  # seconds since 1970: 2001 and 2096


@pytest.fixture
def fake(monkeypatch):
    with provider() as running:
        for name, value in {
            "ISSUER": running.issuer,
            "CLIENT_ID": CLIENT,
            "CLIENT_SECRET": SECRET,
            "ROLES": "reviewers=user,chiefs=admin",
        }.items():
            monkeypatch.setenv(f"SATISPY_OIDC_{name}", value)
        yield running


@pytest.fixture
def api(fake, open_api):
    return open_api()


def sign_in(api, fake, **changed):
    """Go the whole way of a browser; return the answer of the callback."""
    begun = api.get("/oidc/login", follow_redirects=False)
    assert begun.status_code == 302
    code = fake.sign_in(begun.headers["Location"])
    return api.get("/oidc/callback", params={"code": code, "state": fake.asked["state"], **changed})


def test_who_the_provider_signs_in_gets_a_token_of_ours(api, fake):
    answer = sign_in(api, fake)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    who = api.get("/authentification", headers=bearer).json()
    assert who == {"username": "zoe@oidc", "role": "user"}
    assert "satispy_oidc" not in api.cookies


@pytest.mark.parametrize("groups", [None, 7, {"reviewers": 1}])
def test_groups_that_are_no_list_give_no_role(api, fake, groups):
    fake.lies = {"groups": groups}
    answer = sign_in(api, fake)
    assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")


def test_an_account_that_the_provider_makes_is_in_the_audit_trail(api, fake, admin):
    assert sign_in(api, fake).status_code == 200
    (made,) = api.get("/audit", auth=admin, params={"act": "oidc.account"}).json()["items"]
    assert (made["who"], made["object"]) == ("zoe@oidc", "zoe@oidc: user")


def test_the_cookie_of_a_sign_in_is_for_no_script_and_no_other_site(api, fake):
    cookie = api.get("/oidc/login", follow_redirects=False).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/oidc" in cookie
    kept = cookie.partition("=")[2].partition(";")[0]
    assert api.get("/status", headers={"Authorization": f"Bearer {kept}"}).status_code == 401


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": [CLIENT, "another client"], "azp": "another client"},
        {"aud": [CLIENT, "another client"]},
        {"iss": "https://login.example.org"},
        {"exp": LONG_AGO},
        {"exp": None},
        {"iat": FAR_AHEAD},
        {"sub": None},
        {"preferred_username": None},
        {"preferred_username": ["zoe"]},
        {"groups": ["strangers"]},
        {"groups": None},
    ],
    ids=str,
)
def test_an_id_token_that_is_not_good_signs_nobody_in(api, fake, lie):
    fake.lies = lie
    answer = sign_in(api, fake)
    assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")
    assert not any(user.name.endswith("@oidc") for user in api.app.state.home.users.list())


def test_an_id_token_that_another_key_signed_signs_nobody_in(api, fake):
    fake.signing = RSAKey.generate_key(2048, {"kid": "first"})
    assert sign_in(api, fake).status_code == 401


def test_an_id_token_that_our_own_secret_signed_signs_nobody_in(api, fake):
    fake.signing, fake.algorithm = secret_key(), "HS256"
    assert sign_in(api, fake).status_code == 401


def test_keys_that_the_provider_changed_are_fetched_anew(api, fake):
    assert sign_in(api, fake).status_code == 200
    fake.key = fake.signing = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
    assert sign_in(api, fake).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [{"state": "forged"}, {"state": ""}, {"code": "stolen"}, {"error": "denied"}],
    ids=str,
)
def test_what_comes_back_changed_signs_nobody_in(api, fake, changed):
    answer = sign_in(api, fake, **changed)
    assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")


def test_a_browser_that_began_no_sign_in_ends_none(api, fake):
    begun = api.get("/oidc/login", follow_redirects=False)
    code = fake.sign_in(begun.headers["Location"])
    api.cookies.clear()
    answer = api.get("/oidc/callback", params={"code": code, "state": fake.asked["state"]})
    assert answer.status_code == 401


def test_no_name_at_the_provider_becomes_a_local_account(api, fake):
    fake.lies = {"preferred_username": "admin", "groups": ["reviewers"]}
    bearer = {"Authorization": f"Bearer {sign_in(api, fake).json()['access_token']}"}
    who = api.get("/authentification", headers=bearer).json()
    assert who == {"username": "admin@oidc", "role": "user"}


def test_the_role_follows_the_groups_and_a_disabled_account_stays_out(api, fake):
    assert sign_in(api, fake).status_code == 200
    fake.lies = {"groups": ["reviewers", "chiefs"]}
    bearer = {"Authorization": f"Bearer {sign_in(api, fake).json()['access_token']}"}
    assert api.get("/authentification", headers=bearer).json()["role"] == "admin"
    api.app.state.home.users.change("zoe@oidc", disabled=True)
    assert sign_in(api, fake).status_code == 401


def test_a_provider_that_calls_itself_another_is_not_believed(api, fake):
    fake.lies = {"discovered": "https://login.example.org"}
    answer = api.get("/oidc/login", follow_redirects=False)
    assert (answer.status_code, answer.json()["code"]) == (503, "not-ready")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SATISPY_OIDC_ROLES", "reviewers"),
        ("SATISPY_OIDC_ROLES", "reviewers=king"),
        ("SATISPY_OIDC_CLIENT_SECRET", ""),
        ("SATISPY_OIDC_ISSUER", "http://login.example.org"),
    ],
)
def test_settings_that_do_not_suffice_are_refused_at_the_start(fake, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match="SATISPY_OIDC"):
        create_app(load_settings())


def test_where_no_provider_is_set_there_is_no_route_and_nothing_is_loaded():
    code = (
        "import sys; from reviews_api.app import create_app; app = create_app();"
        "assert not [path for path in app.openapi()['paths'] if 'oidc' in path];"
        "assert not [name for name in sys.modules if 'oidc' in name]"
    )
    subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        env={"PYTHONPATH": ":".join(sys.path), "SATISPY_HOME": "/nonexistent"},
    )

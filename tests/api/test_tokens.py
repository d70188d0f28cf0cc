import pytest

from satispy.accounts.users import UserDirectory
from satispy.core.settings import load_settings
from satispy.workflows.sign_in import signing_keys

FORM = {"grant_type": "password", "username": "alice", "password": "alice's password"}


def bearer(text):
    return {"Authorization": f"Bearer {text}"}


@pytest.fixture
def token(api):
    return api.post("/token", data=FORM).json()["access_token"]


def test_a_name_and_a_password_get_a_token_that_nobody_stores(api):
    answer = api.post("/token", data=FORM)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}
    assert (body["token_type"], body["expires_in"]) == ("bearer", 900)
    assert body["scope"] == "read predict comment"
    who = api.get("/authentification", headers=bearer(body["access_token"]))
    assert who.json() == {"username": "alice", "role": "user"}


def test_a_token_lives_as_long_as_is_set(open_api, monkeypatch):
    monkeypatch.setenv("SATISPY_TOKEN_MINUTES", "2")
    assert open_api().post("/token", data=FORM).json()["expires_in"] == 120


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"password": "wrong"}, "invalid_grant"),
        ({"username": "nobody"}, "invalid_grant"),
        ({"username": "a\0b"}, "invalid_grant"),
        ({"username": ""}, "invalid_request"),
        ({"password": ""}, "invalid_request"),
        ({"password": None}, "invalid_request"),
        ({"username": None}, "invalid_request"),
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "no token"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "username": None}, "invalid_request"),
    ],
)
def test_a_refusal_is_shaped_as_the_standard_says(api, change, error):
    form = {name: value for name, value in {**FORM, **change}.items() if value is not None}
    answer = api.post("/token", data=form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.json()["error_description"] == answer.json()["detail"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_all_wrong_sign_ins_are_answered_alike(api):
    api.app.state.home.users.disable("alice")
    answers = {
        api.post("/token", data={**FORM, **change}).text
        for change in ({}, {"password": "wrong"}, {"username": "nobody"})
    }
    assert len(answers) == 1


def test_a_form_of_a_stranger_is_small(api):
    answer = api.post("/token", data={**FORM, "password": "x" * 30_000})
    assert answer.status_code == 413


def test_a_token_does_what_its_user_may(api, token):
    review = {"Commentaire": "Colis reçu.", "star": 5}
    assert api.post("/comment", headers=bearer(token), json=review).status_code == 201
    files = {"file": ("a.csv", b"Commentaire,star\na,5")}
    assert api.post("/uploadfile", headers=bearer(token), files=files).status_code == 403


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer  "])
def test_the_name_of_the_scheme_may_be_written_in_any_case(api, token, scheme):
    headers = {"Authorization": f"{scheme} {token}"}
    assert api.get("/status", headers=headers).status_code == 200


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "sat_0123456789abcdef_x", "é"])
def test_a_wrong_token_is_refused_and_the_refusal_says_so(api, text):
    answer = api.get("/status", headers={"Authorization": f"Bearer {text}".encode()})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert 'Bearer realm="satispy", error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_a_token_is_ended_by_its_holder_and_by_no_password(api, token, user):
    other = api.post("/token", data=FORM).json()["access_token"]
    assert api.delete("/token", auth=user).status_code == 422
    assert api.delete("/token").status_code == 401
    assert api.delete("/token", headers=bearer(token)).status_code == 204
    assert api.get("/status", headers=bearer(token)).status_code == 401
    assert api.delete("/token", headers=bearer(token)).status_code == 401
    assert api.get("/status", headers=bearer(other)).status_code == 200


def test_a_revocation_holds_in_every_process_and_after_a_restart(open_api):
    first, second = open_api(), open_api()
    token = first.post("/token", data=FORM).json()["access_token"]
    assert second.get("/status", headers=bearer(token)).status_code == 200
    assert first.delete("/token", headers=bearer(token)).status_code == 204
    assert second.get("/status", headers=bearer(token)).status_code == 401
    assert open_api().get("/status", headers=bearer(token)).status_code == 401


def test_a_running_process_notices_a_rotation_and_loses_no_session(open_api):
    first, second = open_api(), open_api()
    before = first.post("/token", data=FORM).json()["access_token"]
    keys = signing_keys(load_settings())
    fresh = keys.rotate()
    after = first.post("/token", data=FORM).json()["access_token"]
    assert len(keys.list()) == 2
    for api in (first, second):
        for token in (before, after):
            assert api.get("/status", headers=bearer(token)).status_code == 200
    assert keys.find(fresh.id) is not None
    keys.rotate(at_once=True)
    for api in (first, second):
        for token in (before, after):
            assert api.get("/status", headers=bearer(token)).status_code == 401


def test_a_token_costs_no_verification_of_a_password(api, token, monkeypatch):
    monkeypatch.setattr(UserDirectory, "authenticate", None)
    assert api.get("/status", headers=bearer(token)).status_code == 200


def test_a_token_is_renewed_without_the_password(api, token):
    answer = api.post("/token", data={"grant_type": "refresh_token", "refresh_token": token})
    assert answer.status_code == 200
    assert answer.json()["scope"] == "read predict comment"
    fresh = answer.json()["access_token"]
    assert fresh != token
    assert api.get("/authentification", headers=bearer(fresh)).json()["username"] == "alice"

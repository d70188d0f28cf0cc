import pytest

from satispy.core.settings import load_settings
from satispy.workflows.opening import open_home

REVIEW = {"Commentaire": "Colis reçu.", "star": 5}
FILE = {"file": ("a.csv", b"Commentaire,star\na,5")}


def bearer(text):
    return {"Authorization": f"Bearer {text}"}


def made(api, auth, **wish):
    answer = api.post("/keys", auth=auth, json={"name": "a machine", **wish})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_key_is_shown_once(api, user):
    answer = api.post("/keys", auth=user, json={"name": "a machine"})
    assert answer.headers["Cache-Control"] == "no-store"
    key = answer.json()
    assert key["key"].startswith(f"sat_{key['id']}_")
    (listed,) = api.get("/keys", auth=user).json()["items"]
    assert listed == {name: value for name, value in key.items() if name != "key"}
    assert (key["role"], key["owner"], key["created_by"]) == ("user", "alice", "alice")


def test_a_key_does_what_its_scopes_say_and_no_more(api, user):
    key = made(api, user, scopes=["comment"])["key"]
    assert api.post("/comment", headers=bearer(key), json=REVIEW).status_code == 201
    for method, path in (("GET", "/status"), ("POST", "/predict"), ("GET", "/uploads")):
        answer = api.request(method, path, headers=bearer(key))
        assert answer.status_code == 403, path
        assert "good for comment alone" in answer.json()["detail"]
        assert "insufficient_scope" in answer.headers["WWW-Authenticate"]


def test_a_key_that_uploads_fetches_the_bad_rows_too(api, admin):
    key = made(api, admin, scopes=["upload"])["key"]
    file = {"file": ("a.csv", b"Commentaire,star\nbien,5\nmal,9\n")}
    sent = api.post("/uploadfile", headers=bearer(key), files=file)
    assert sent.status_code == 201
    bad = f"/uploads/{sent.json()['upload_id']}/quarantine"
    assert api.get(bad, headers=bearer(key)).status_code == 200
    assert api.get("/uploads", headers=bearer(key)).status_code == 403


def test_the_role_of_a_key_is_a_limit_too(api, admin):
    key = made(api, admin, role="user")["key"]
    assert api.post("/comment", headers=bearer(key), json=REVIEW).status_code == 201
    assert api.post("/uploadfile", headers=bearer(key), files=FILE).status_code == 403
    assert api.get("/authentification", headers=bearer(key)).json()["role"] == "user"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/keys", {"name": "another"}),
        ("GET", "/keys", None),
        ("DELETE", "/keys/0123456789abcdef", None),
        ("GET", "/users", None),
        ("POST", "/users", {"name": "eve", "password": "long enough", "role": "admin"}),
        ("PATCH", "/users/alice", {"role": "admin"}),
        ("POST", "/users/me/password", {"old": "admin's password", "new": "another one"}),
        ("DELETE", "/token", None),
    ],
)
def test_no_key_manages_accounts_tokens_or_keys(api, admin, method, path, body):
    key = made(api, admin)["key"]
    answer = api.request(method, path, headers=bearer(key), json=body)
    assert answer.status_code == 403
    assert "expected a person" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"role": "admin"}, 422),
        ({"scopes": ["upload"]}, 422),
        ({"scopes": ["everything"]}, 422),
        ({"days": 367}, 422),
        ({"days": 0}, 422),
        ({"name": ""}, 422),
        ({"owner": "admin"}, 422),
        ({"unknown": 1}, 422),
    ],
)
def test_a_user_makes_no_key_beyond_their_own_rights(api, user, wish, status):
    answer = api.post("/keys", auth=user, json={"name": "a machine", **wish})
    assert answer.status_code == status
    assert api.get("/keys", auth=user).json()["items"] == []


def test_an_admin_makes_keys_for_others_within_their_role(api, admin, user):
    assert made(api, admin, owner="alice", role="user")["created_by"] == "admin"
    too_high = {"name": "x", "owner": "alice", "role": "admin"}
    assert api.post("/keys", auth=admin, json=too_high).status_code == 422
    nobody = {"name": "x", "owner": "nobody"}
    assert api.post("/keys", auth=admin, json=nobody).status_code == 404
    assert len(api.get("/keys", auth=user).json()["items"]) == 1


def test_keys_are_seen_and_ended_by_their_owner_and_by_admins(api, admin, user):
    of_admin, of_alice = made(api, admin), made(api, user)
    assert len(api.get("/keys", auth=admin).json()["items"]) == 2
    assert [key["id"] for key in api.get("/keys", auth=user).json()["items"]] == [of_alice["id"]]
    assert api.delete(f"/keys/{of_admin['id']}", auth=user).status_code == 404
    assert api.get("/status", headers=bearer(of_admin["key"])).status_code == 200
    ended = api.delete(f"/keys/{of_alice['id']}", auth=admin)
    assert ended.json()["revoked_at"] is not None
    assert api.get("/status", headers=bearer(of_alice["key"])).status_code == 401


def test_a_key_ends_with_its_owners_account_and_not_with_their_password(api, user):
    key = made(api, user)["key"]
    with open_home(load_settings()) as elsewhere:
        elsewhere.users.change_password("alice", "hers from now on")
        assert api.get("/status", headers=bearer(key)).status_code == 200
        elsewhere.users.disable("alice")
    assert api.get("/status", headers=bearer(key)).status_code == 401


def test_the_use_of_a_key_is_seen(api, user, wait_for_errands):
    key = made(api, user)["key"]
    api.get("/status", headers=bearer(key))
    wait_for_errands(api)
    (listed,) = api.get("/keys", auth=user).json()["items"]
    assert listed["last_used_at"] is not None

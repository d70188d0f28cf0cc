import pytest

NEW = {"name": "bob", "password": "bob's password", "role": "viewer"}
WEAK = ["", "admin", "password", "changeme", "Password123!", "bob", "BobBobBob1"]


def bearer(api, auth):
    form = {"grant_type": "password", "username": auth[0], "password": auth[1]}
    return {"Authorization": f"Bearer {api.post('/token', data=form).json()['access_token']}"}


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/users"), ("GET", "/users"), ("PATCH", "/users/admin")]
)
def test_accounts_are_for_admins(api, user, method, path):
    assert api.request(method, path, json={}).status_code == 401
    assert api.request(method, path, auth=user, json={}).status_code == 403


def test_an_admin_adds_lists_and_changes_users(api, admin):
    added = api.post("/users", auth=admin, json=NEW)
    assert added.status_code == 201
    assert added.json().keys() == {"name", "role", "disabled", "created_at"}
    assert api.get("/status", auth=("bob", "bob's password")).status_code == 200
    names = [user["name"] for user in api.get("/users", auth=admin).json()["items"]]
    assert names == ["admin", "alice", "bob"]
    change = {"role": "user", "password": "bob's other one"}
    assert api.patch("/users/bob", auth=admin, json=change).json()["role"] == "user"
    assert api.get("/status", auth=("bob", "bob's password")).status_code == 401
    assert api.get("/status", auth=("bob", "bob's other one")).status_code == 200
    assert api.patch("/users/bob", auth=admin, json={"disabled": True}).json()["disabled"]
    assert api.get("/status", auth=("bob", "bob's other one")).status_code == 401


def test_a_name_may_hold_what_a_path_must_quote(api, admin):
    api.post("/users", auth=admin, json={**NEW, "name": "team/é?#"})
    answer = api.patch("/users/team%2F%C3%A9%3F%23", auth=admin, json={"role": "user"})
    assert answer.json()["name"] == "team/é?#"


@pytest.mark.parametrize("name", ["nobody", "a%00b", "x" * 300])
def test_a_user_that_there_is_not_is_not_found(api, admin, name):
    answer = api.patch(f"/users/{name}", auth=admin, json={"disabled": True})
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize(
    "wrong",
    [{"name": "alice"}, {"name": "a:b"}, {"name": "a\0b"}, {"role": "root"}, {"rôle": "user"}],
)
def test_an_impossible_user_is_refused(api, admin, wrong):
    assert api.post("/users", auth=admin, json={**NEW, **wrong}).status_code == 422


@pytest.mark.parametrize("password", WEAK)
def test_a_weak_password_is_refused_wherever_it_comes_in(api, admin, user, password):
    answers = [
        api.post("/users", auth=admin, json={**NEW, "password": password}),
        api.patch("/users/alice", auth=admin, json={"password": password}),
        api.post("/users/me/password", auth=user, json={"old": user[1], "new": password}),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (422, "weak-password")
        assert "expected a password" in answer.json()["detail"]
    assert api.get("/status", auth=user).status_code == 200


def test_a_password_stands_in_no_refusal(api, admin):
    secret = "a very secret sentence"
    for body in (
        {"name": 7, "password": secret},
        {**NEW, "password": [secret]},
        {**NEW, "password": {"x": secret}},
        [secret],
    ):
        answer = api.post("/users", auth=admin, json=body)
        assert answer.status_code == 422
        assert secret not in answer.text


def test_the_last_admin_is_neither_demoted_nor_closed(api, admin):
    for change in ({"role": "user"}, {"disabled": True}):
        answer = api.patch("/users/admin", auth=admin, json=change)
        assert answer.status_code == 422
        assert "last admin" in answer.json()["detail"]
    assert api.get("/users", auth=admin).status_code == 200


def test_a_user_changes_their_own_password_and_is_asked_for_the_old_one(api, user):
    sent = bearer(api, user)
    wrong = {"old": "not it at all", "new": "hers from now on"}
    assert api.post("/users/me/password", headers=sent, json=wrong).status_code == 403
    right = {"old": user[1], "new": "hers from now on"}
    assert api.post("/users/me/password", headers=sent, json=right).status_code == 204
    assert api.get("/status", auth=user).status_code == 401
    assert api.get("/status", headers=sent).status_code == 401
    assert api.get("/status", auth=("alice", "hers from now on")).status_code == 200


def test_the_first_admins_new_password_is_kept_for_airflow(api, admin, own_settings):
    body = {"old": admin[1], "new": "his from now on"}
    assert api.post("/users/me/password", auth=admin, json=body).status_code == 204
    kept = own_settings / "secrets" / "admin_password"
    assert kept.read_text() == "his from now on\n"
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_token_ends_when_its_user_gets_another_role(api, admin, user):
    sent = bearer(api, user)
    assert api.get("/status", headers=sent).status_code == 200
    api.patch("/users/alice", auth=admin, json={"role": "viewer"})
    assert api.get("/status", headers=sent).status_code == 401

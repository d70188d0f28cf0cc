"""Accounts in the page: for admins, and no password stays anywhere."""

import pytest

from ui.model_answers import serve
from ui.parts import open_part, posts
from ui.visitor import press, said

PASSWORD = "une phrase que nul ne devine"


def account(name, role="user", *, disabled=False):
    made = "2026-11-01T09:00:00Z"
    return {"name": name, "role": role, "disabled": disabled, "created_at": made}


@pytest.fixture
def admin(api_server):
    api_server.role = "admin"
    serve(api_server)
    items = [account("alice", "admin"), account("<bob>"), account("carol", "viewer", disabled=True)]
    api_server.route("GET", "/users", lambda _asked: (200, {"items": items}))
    return api_server


def fill(page, label, text):
    next(field for field in page.text_input if field.label == label).input(text)


def choose(page, name):
    box = next(box for box in page.selectbox if box.key == "user-chosen")
    return box.select_index(box.options.index(name)).run()


def test_who_is_no_admin_is_told_so_and_nothing_is_asked(page, api_server):
    serve(api_server)
    open_part(page, "users")
    assert "Les comptes sont l’affaire des administrateurs." in said(page)
    assert "/users" not in [path for path, _ in api_server.asked]


def test_the_accounts_are_listed_with_role_and_state(page, admin):
    open_part(page, "users")
    assert "&lt;bob&gt;" in said(page)
    assert "lecteur (viewer)" in said(page)
    assert "○ désactivé" in said(page)
    assert said(page).count("● actif") == 2


def test_an_account_is_added_and_its_password_stays_nowhere(page, admin):
    admin.route("POST", "/users", lambda asked: (201, account(asked.body["name"], "viewer")))
    open_part(page, "users")
    fill(page, "Nom du compte", " dora ")
    fill(page, "Mot de passe initial", PASSWORD)
    next(box for box in page.selectbox if box.label == "Rôle").select("viewer")
    press(page, "Ajouter")
    assert posts(admin) == [("/users", {"name": "dora", "password": PASSWORD, "role": "viewer"})]
    assert "Le compte dora est là (lecteur (viewer))." in said(page)
    assert PASSWORD not in repr(page.session_state) + said(page)
    assert all(field.value != PASSWORD for field in page.text_input)


def test_half_an_account_is_not_sent(page, admin):
    open_part(page, "users")
    fill(page, "Nom du compte", "dora")
    press(page, "Ajouter")
    assert "Saisissez le nom et le mot de passe." in said(page)
    assert not posts(admin)


def test_a_password_that_is_too_easy_is_refused_with_the_reason(page, admin):
    body = {"code": "weak-password", "detail": "expected one that others do not guess"}
    admin.route("POST", "/users", lambda _asked: (422, body))
    open_part(page, "users")
    fill(page, "Nom du compte", "dora")
    fill(page, "Mot de passe initial", "password")
    press(page, "Ajouter")
    assert "others do not guess" in said(page)


@pytest.mark.parametrize(
    ("name", "button", "sent", "told"),
    [
        ("<bob>", "Désactiver", {"disabled": True}, "est désactivé"),
        ("carol", "Réactiver", {"disabled": False}, "est de nouveau actif"),
        ("<bob>", "Donner ce rôle", {"role": "user"}, "a maintenant le rôle"),
    ],
)
def test_an_account_is_changed(page, admin, name, button, sent, told):
    admin.route("PATCH", "/users/.+", lambda _asked: (200, account(name)))
    open_part(page, "users")
    choose(page, name)
    press(page, button)
    ((path, body),) = posts(admin)
    assert path == "/users/" + name.replace("<", "%3C").replace(">", "%3E")
    assert body == sent
    assert told in said(page)


def test_a_new_password_is_sent_and_stays_nowhere(page, admin):
    admin.route("PATCH", "/users/carol", lambda _asked: (200, account("carol", "viewer")))
    open_part(page, "users")
    choose(page, "carol")
    press(page, "Donner ce mot de passe")
    assert "Saisissez le nouveau mot de passe." in said(page)
    fill(page, "Nouveau mot de passe", PASSWORD)
    press(page, "Donner ce mot de passe")
    assert posts(admin) == [("/users/carol", {"password": PASSWORD})]
    assert "carol a un nouveau mot de passe." in said(page)
    assert PASSWORD not in repr(page.session_state) + said(page)


def test_the_last_admin_stays_one_and_the_page_says_why(page, admin):
    body = {"code": "invalid-input", "detail": "the last admin stays one"}
    admin.route("PATCH", "/users/alice", lambda _asked: (422, body))
    open_part(page, "users")
    choose(page, "alice")
    press(page, "Désactiver")
    assert "the last admin stays one" in said(page)


def test_who_was_an_admin_a_moment_ago_is_told_that_the_role_does_not_suffice(page, admin):
    admin.fail(403, {"code": "forbidden", "detail": "no"}, "/users")
    open_part(page, "users")
    assert "Votre rôle ne permet pas cette action." in said(page)

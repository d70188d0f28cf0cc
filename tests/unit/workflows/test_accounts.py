import pytest

from satispy.core.errors import ConfigurationError
from satispy.core.settings import load_settings
from satispy.workflows import accounts
from satispy.workflows.accounts import change_password, ensure_admin, password_file
from satispy.workflows.opening import open_home


def test_where_no_admin_is_left_no_password_is_shown_and_the_remedy_is():
    settings = load_settings()
    with open_home(settings) as home:
        home.users.add("admin", "only a user", "user")
    with pytest.raises(ConfigurationError, match="users add NAME --role admin"):
        ensure_admin(settings)


def test_a_crash_before_the_account_is_made_leaves_nobody_locked_out(monkeypatch):
    settings = load_settings()

    def crash(*_given):
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(accounts, "keep_admin_password", crash)
        with pytest.raises(OSError):  # noqa: PT011 - any will do
            ensure_admin(settings)
    assert ensure_admin(settings).created


def test_a_generated_password_is_stored_for_its_owner_alone_and_made_once():
    settings = load_settings()
    first, second = ensure_admin(settings), ensure_admin(settings)
    assert first.created
    assert not second.created
    assert first.password == second.password
    assert password_file(settings).stat().st_mode & 0o777 == 0o600
    assert settings.paths.secrets.stat().st_mode & 0o777 == 0o700
    with open_home(settings) as home:
        assert home.users.authenticate("admin", first.password).role == "admin"


def test_a_given_password_is_used_only_while_no_admin_exists(monkeypatch):
    monkeypatch.setenv("SATISPY_ADMIN_PASSWORD", "the first one")
    ensure_admin(load_settings())
    monkeypatch.setenv("SATISPY_ADMIN_PASSWORD", "another one")
    assert ensure_admin(load_settings()).password == "the first one"


def test_another_admin_is_named_where_the_first_one_is_not_there():
    settings = load_settings()
    with open_home(settings) as home:
        home.users.add("bob", "bob's password", "admin")
    assert ensure_admin(settings) == accounts.Admin("bob", None, created=False)


def test_the_stored_password_follows_a_change():
    settings = load_settings()
    ensure_admin(settings)
    with open_home(settings) as home:
        change_password(home, "admin", "changed by hand")
    assert ensure_admin(settings).password == "changed by hand"


def test_a_password_that_nobody_stored_is_not_invented():
    settings = load_settings()
    ensure_admin(settings)
    password_file(settings).unlink()
    assert ensure_admin(settings).password is None


@pytest.mark.parametrize("password", ["admin", "password", "changeme", "Admin2026!!", "short"])
def test_a_weak_password_of_the_first_admin_is_refused_and_nothing_is_made(monkeypatch, password):
    monkeypatch.setenv("SATISPY_ADMIN_PASSWORD", password)
    with pytest.raises(ConfigurationError, match="SATISPY_ADMIN_PASSWORD: expected a password"):
        ensure_admin(load_settings())
    assert not password_file(load_settings()).exists()
    monkeypatch.delenv("SATISPY_ADMIN_PASSWORD")
    assert ensure_admin(load_settings()).created

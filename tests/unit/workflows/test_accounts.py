from satispy.core.settings import load_settings
from satispy.workflows.accounts import change_password, ensure_admin, password_file
from satispy.workflows.opening import open_home


def test_a_generated_password_is_stored_for_its_owner_alone_and_made_once():
    settings = load_settings()
    first, second = ensure_admin(settings), ensure_admin(settings)
    assert first.created
    assert not second.created
    assert first.password == second.password
    assert password_file(settings).stat().st_mode & 0o777 == 0o600
    assert settings.paths.secrets.stat().st_mode & 0o777 == 0o700
    assert open_home(settings).users.authenticate("admin", first.password).role == "admin"


def test_a_given_password_is_used_only_while_no_admin_exists(monkeypatch):
    monkeypatch.setenv("SATISPY_ADMIN_PASSWORD", "the first one")
    ensure_admin(load_settings())
    monkeypatch.setenv("SATISPY_ADMIN_PASSWORD", "another one")
    assert ensure_admin(load_settings()).password == "the first one"


def test_the_stored_password_follows_a_change():
    settings = load_settings()
    ensure_admin(settings)
    change_password(open_home(settings), "admin", "changed by hand")
    assert ensure_admin(settings).password == "changed by hand"


def test_a_password_that_nobody_stored_is_not_invented():
    settings = load_settings()
    ensure_admin(settings)
    password_file(settings).unlink()
    assert ensure_admin(settings).password is None

from typer.testing import CliRunner

from satispy.cli import app
from satispy.core.settings import load_settings
from satispy.workflows.accounts import ensure_admin
from satispy.workflows.sign_in import signing_keys


def run(*arguments):
    return CliRunner().invoke(app, ["secrets", *arguments])


def test_a_rotation_says_which_key_signs_and_how_long_the_others_verify():
    before = signing_keys(load_settings()).current()
    printed = run("rotate").stdout
    now = signing_keys(load_settings()).current()
    assert f"key {now.id} signs" in printed
    assert f"key {before.id} verifies until" in printed


def test_a_rotation_after_a_leak_leaves_one_key():
    before = signing_keys(load_settings()).current()
    assert "every token has ended" in run("rotate", "--at-once").stdout
    assert signing_keys(load_settings()).find(before.id) is None


def test_secrets_are_listed_by_id_and_age_and_never_by_value():
    settings = load_settings()
    admin = ensure_admin(settings)
    run("rotate")
    done = run("list")
    assert done.exit_code == 0
    for key in signing_keys(settings).list():
        assert f"signing key {key.id}" in done.stdout
        assert key.secret.hex() not in done.stdout
    assert "admin_password" in done.stdout
    assert admin.password not in done.stdout
    assert done.stderr == ""


def test_a_secret_that_others_may_read_is_told():
    settings = load_settings()
    ensure_admin(settings)
    (settings.paths.secrets / "admin_password").chmod(0o644)
    assert "others may read" in run("list").stderr

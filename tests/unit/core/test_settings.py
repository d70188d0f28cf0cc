from pathlib import Path

import pytest

from satispy.core.errors import ConfigurationError
from satispy.core.settings import PREFIX, READ_ELSEWHERE, Settings, load_settings


def test_an_unknown_setting_is_refused_and_the_known_ones_are_named(monkeypatch):
    monkeypatch.setenv("SATISPY_API_PROT", "8000")
    with pytest.raises(ConfigurationError, match=r"SATISPY_API_PROT.*SATISPY_API_PORT"):
        load_settings()


def test_an_impossible_port_is_refused_with_what_came(monkeypatch):
    monkeypatch.setenv("SATISPY_UI_PORT", "70000")
    with pytest.raises(ConfigurationError, match=r"SATISPY_UI_PORT.*received '70000'"):
        load_settings()


def test_a_home_holds_everything(own_settings):
    paths = load_settings().paths
    assert paths.home == own_settings
    for path in (paths.base, paths.database, paths.runs, paths.secrets, paths.logs, paths.run):
        assert own_settings in path.parents


def test_the_admin_password_does_not_show_in_the_settings(monkeypatch):
    monkeypatch.setenv("SATISPY_ADMIN_PASSWORD", "a real secret")
    assert "a real secret" not in repr(load_settings())


def test_every_setting_has_a_line_of_documentation():
    assert all(field.description for field in Settings.model_fields.values())
    assert all(name.startswith(PREFIX) for name in READ_ELSEWHERE)


def test_a_secret_may_lie_in_a_file(tmp_path):
    (tmp_path / "satispy_admin_password").write_text("a real secret\n")
    password = load_settings(tmp_path).admin_password
    assert password.get_secret_value() == "a real secret"


def test_a_variable_goes_before_a_file(tmp_path, monkeypatch):
    (tmp_path / "satispy_api_port").write_text("19001")
    monkeypatch.setenv("SATISPY_API_PORT", "19002")
    assert load_settings(tmp_path).api_port == 19002


def test_an_unknown_file_is_refused_by_name_and_those_of_others_are_left_alone(tmp_path):
    (tmp_path / "airflow_fernet_key").write_text("not ours")
    assert load_settings(tmp_path).database_url is None
    (tmp_path / "satispy_databse_url").write_text("postgresql://x:secret@h/n")
    with pytest.raises(ConfigurationError, match="satispy_databse_url") as refused:
        load_settings(tmp_path)
    assert "x:secret" not in str(refused.value)


def test_no_folder_of_secrets_is_no_trouble(tmp_path):
    assert load_settings(tmp_path / "none").admin_password is None


def test_a_file_that_may_not_be_read_is_named_with_the_remedy(tmp_path, monkeypatch):
    (tmp_path / "satispy_admin_password").write_text("x")

    def refuse(self, *_arguments, **_options):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(ConfigurationError, match=r"satispy_admin_password.*SATISPY_UID"):
        load_settings(tmp_path)

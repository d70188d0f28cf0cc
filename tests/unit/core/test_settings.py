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

import json
import os
import stat

import pytest

from satispy.core.settings import Settings, load_settings
from satispy.stack.addresses import airflow_url, api_url
from satispy.stack.airflow_environment import airflow_environment, airflow_password
from satispy.stack.components import components, shared_environment


@pytest.fixture
def settings(own_settings):
    return Settings(api_port=18000, ui_port=18501, airflow_port=18080)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_the_callers_other_airflow_and_the_admins_password_do_not_reach_the_components(settings):
    caller = {
        "PATH": "/bin",
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "AIRFLOW_HOME": "/other",
        "PYTHONDONTWRITEBYTECODE": "1",
        "SATISPY_ADMIN_PASSWORD": "secret",
        "NO_PROXY": "intranet",
    }
    shared = shared_environment(settings, caller)
    assert shared["PATH"] == "/bin"
    assert shared["NO_PROXY"] == "intranet,127.0.0.1,localhost,::1"
    assert not {name for name in shared if name.startswith(("AIRFLOW", "PYTHONDONT"))}
    assert "secret" not in shared.values()
    assert shared["SATISPY_API_PORT"] == "18000"
    assert "SATISPY_VECTORS" not in shared


def test_every_other_setting_reaches_the_components(settings, monkeypatch):
    given = {
        "home": settings.home / "elsewhere",
        "host": "0.0.0.0",  # noqa: S104 - nothing listens here
        "api_port": 1,
        "ui_port": 2,
        "airflow_port": 3,
        "tls_cert": settings.home / "cert.pem",
        "tls_key": settings.home / "key.pem",
        "trusted_proxies": "192.0.2.1,2001:db8::/32",
        "cors_origins": "https://example.org,http://localhost:3000",
        "token_minutes": 11,
        "oidc_issuer": "https://login.example.org",
        "oidc_client_id": "satispy",
        "oidc_client_secret": "between us",
        "oidc_name_claim": "email",
        "oidc_role_claim": "roles",
        "oidc_roles": "chiefs=admin,*=viewer",
        "sign_in_failures": 9,
        "sign_in_window_seconds": 10,
        "plan": settings.home / "plan.yaml",
        "vectors": settings.home / "vectors",
        "database_url": "postgresql://user:pass@host/name",
        "store": "s3://bucket/prefix",
        "store_endpoint": "http://host:9000",
        "store_key_id": "satispy",
        "store_key": "between the store and us",
        "base_here": False,
        "max_upload_mb": 4,
        "max_text_length": 5,
        "max_bad_share": 0.25,
        "training_memory_mb": 6,
        "mask_personal_data": True,
        "mlflow_uri": "http://user:pass@host:5000",
        "mlflow_port": 7,
        "openlineage_url": "http://user:pass@host:5001",
        "airflow_url": "http://user:pass@host:8080",
        "airflow_public_url": "https://airflow.example.org",
        "webhook_url": "https://hooks.example.org/a/secret",
        "alert_threshold": 0.75,
        "figures": settings.home / "figures.json",
        "prediction_days": 8,
        "prediction_text": "kept",
        "log_format": "json",
        "log_level": "DEBUG",
        "otel_endpoint": "http://user:pass@host:4318",
    }
    assert given.keys() == Settings.model_fields.keys() - {"admin_password"}
    ours = Settings(**given)
    for name, value in shared_environment(ours, {}).items():
        monkeypatch.setenv(name, value)
    assert load_settings() == ours


def test_keys_are_generated_once_and_readable_by_their_owner_alone(settings):
    first, second = airflow_environment(settings), airflow_environment(settings)
    assert first == second
    for name in ("airflow_fernet_key", "airflow_api_secret_key", "airflow_jwt_secret"):
        assert mode(settings.paths.secrets / name) == 0o600
    assert len(first["AIRFLOW__API_AUTH__JWT_SECRET"]) >= 64


def test_airflow_shares_the_admins_password(settings):
    assert airflow_password(settings.paths, "known") == "known"
    file = settings.paths.secrets / "airflow_passwords.json"
    known = json.loads(file.read_text())
    assert known.keys() == {"admin", "satispy-api"}
    assert known["admin"] == "known"
    assert mode(file) == 0o600


def test_the_api_has_an_account_of_its_own_at_airflow_which_may_not_administer_it(settings):
    airflow_password(settings.paths, "known")
    file = settings.paths.secrets / "airflow_passwords.json"
    password = settings.paths.airflow_password.read_text().strip()
    assert json.loads(file.read_text())["satispy-api"] == password
    assert len(password) >= 32
    assert mode(settings.paths.airflow_password) == 0o600
    users = airflow_environment(settings)["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"]
    assert users == "admin:admin,satispy-api:user"
    airflow_password(settings.paths, "another")
    assert settings.paths.airflow_password.read_text().strip() == password


def test_where_nobody_knows_the_password_airflow_keeps_one_of_its_own(settings):
    first = airflow_password(settings.paths, None)
    assert first == airflow_password(settings.paths, None)
    assert mode(settings.paths.secrets / "airflow_admin_password") == 0o600


def test_everything_listens_on_the_host_that_was_set_and_airflow_is_stopped_last(settings):
    stack = components(settings, os.environ)
    assert [
        item.name for item in sorted(stack, key=lambda item: item.stop_turn) if not item.once
    ] == [
        "ui",
        "api",
        "airflow-dag-processor",
        "airflow-scheduler",
        "airflow-api-server",
    ]
    listening = [item for item in stack if item.port]
    assert len(listening) == 3
    assert all("127.0.0.1" in item.command for item in listening)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:18000"),
        ("0.0.0.0", "http://127.0.0.1:18000"),  # noqa: S104
        ("::1", "http://[::1]:18000"),
        ("::", "http://[::1]:18000"),
    ],
)
def test_an_address_can_be_opened_whatever_the_host_is(settings, host, address):
    assert api_url(settings.model_copy(update={"host": host})) == address


def test_airflow_addresses_itself_as_the_browser_does(settings):
    environment = airflow_environment(settings)
    assert environment["AIRFLOW__API__BASE_URL"] == airflow_url(settings)

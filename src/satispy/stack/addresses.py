"""Where a person or another component reaches the parts of the stack."""

from satispy.core.settings import Settings

LOCAL = "127.0.0.1,localhost,::1"
"""Addresses that no proxy may be asked for."""

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104  compared with, not bound to


def _url(settings: Settings, port: int, scheme: str = "http") -> str:
    host = EVERYWHERE.get(settings.host, settings.host)
    return f"{scheme}://{f'[{host}]' if ':' in host and '[' not in host else host}:{port}"


def api_url(settings: Settings) -> str:
    """Return the address of the API, without a slash at its end."""
    return _url(settings, settings.api_port, "http" if settings.tls_cert is None else "https")


def ui_url(settings: Settings) -> str:
    """Return the address of the page."""
    return _url(settings, settings.ui_port)


def airflow_url(settings: Settings) -> str:
    """Return the address of Airflow."""
    return _url(settings, settings.airflow_port)

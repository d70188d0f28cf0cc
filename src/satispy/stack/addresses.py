"""Where a person or another component reaches the parts of the stack."""

from satispy.core.addresses import local_url
from satispy.core.settings import Settings

LOCAL = "127.0.0.1,localhost,::1"
"""Addresses that no proxy may be asked for."""


def api_url(settings: Settings) -> str:
    """Return the address of the API, without a slash at its end."""
    return local_url(settings, settings.api_port, "http" if settings.tls_cert is None else "https")


def ui_url(settings: Settings) -> str:
    """Return the address of the page."""
    return local_url(settings, settings.ui_port)


def airflow_url(settings: Settings) -> str:
    """Return the address of Airflow."""
    return local_url(settings, settings.airflow_port)

"""Addresses of what listens where the settings say."""

from satispy.core.settings import Settings

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104  compared with, not bound to


def local_url(settings: Settings, port: int, scheme: str = "http") -> str:
    """Return the address of what listens on a port here, without a slash at its end."""
    host = EVERYWHERE.get(settings.host, settings.host)
    return f"{scheme}://{f'[{host}]' if ':' in host and '[' not in host else host}:{port}"

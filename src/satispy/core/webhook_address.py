"""Where alerts may be posted to."""

from urllib.parse import urlsplit

from satispy.core.errors import ConfigurationError

SETTING = "SATISPY_WEBHOOK_URL"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def require_webhook(given: str) -> str:
    """Return the address, if it is one that may be posted to.

    Raises
    ------
    ConfigurationError
        If it is not https, nor http on this machine; without saying the address.
    """
    try:
        parts = urlsplit(given)
        scheme, host = parts.scheme, parts.hostname or ""
        usable = parts.port != 0 and not parts.fragment and given.isascii() and given.isprintable()
    except ValueError:
        usable = False
    if not (usable and host and (scheme == "https" or (scheme == "http" and host in LOOPBACK))):
        raise ConfigurationError(
            f"expected an address as https://host/path in {SETTING}, or http on this machine "
            "alone, but it is another; it is a secret, so it is not shown here"
        )
    return given

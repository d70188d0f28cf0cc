"""Who asks: the one place that tells limits, audit trail and logs a client's address."""

import ipaddress

from starlette.types import Scope


def client_address(scope: Scope) -> str:
    """Return the client's IP address, or ``unknown``.

    The server has put it there: the address of the connection, or what a proxy that
    ``SATISPY_TRUSTED_PROXIES`` names said of its own client. Nothing but an address comes out, so
    that no header can forge a line of a log.
    """
    client = scope.get("client")
    if not client:
        return "unknown"
    try:
        return str(ipaddress.ip_address(client[0]))
    except ValueError:
        return "unknown"

"""Where a request comes from."""

from starlette.types import Scope


def client_address(scope: Scope) -> str:
    """Return the client's address; empty where the server knows none."""
    return str(scope["client"][0]) if scope.get("client") else ""

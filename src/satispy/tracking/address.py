"""The address of a server, apart from the name and the password in it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from satispy.core.errors import ConfigurationError


@dataclass(frozen=True)
class Address:
    """Where a server answers.

    Attributes
    ----------
    url
        Without name and password, and without a slash at its end: may be logged.
    user, password
        Empty where the server asks for none.
    """

    url: str
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, given: str, setting: str) -> Address:
        """Read what a setting says.

        Parameters
        ----------
        given
            Such as ``https://user:password@host:5000/path``.
        setting
            Its name, for messages.

        Raises
        ------
        ConfigurationError
            If it is no address of an HTTP server; its message holds no password.
        """
        try:
            parts = urlsplit(given)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
            usable = usable and not (parts.query or parts.fragment)
        except ValueError:
            usable = False
        if not usable:
            # What stands before an @ may be a password, wherever it stands.
            shown = given.rpartition("@")[2].partition("?")[0]
            raise ConfigurationError(
                f"expected an address such as http://host:5000 in {setting}, with "
                f"user:password@ before the host where it asks for them, but received {shown!r}"
            )
        url = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"
        return cls(url, unquote(parts.username or ""), unquote(parts.password or ""))

    @property
    def mark(self) -> str:
        """What tells it from others, without naming it."""
        return hashlib.sha256(self.url.encode()).hexdigest()[:16]

"""Posting to the one webhook: its address is a secret, and nothing it answers is followed."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from satispy import __version__
from satispy.core.webhook_address import LOOPBACK

TIMEOUT_SECONDS = 10.0
CONNECT_SECONDS = 5.0


@dataclass(frozen=True)
class Delivery:
    """How one attempt ended; `status` is None where there was no answer."""

    delivered: bool
    status: int | None
    detail: str


def post(
    url: str, message_id: str, body: Mapping[str, Any], timeout: float = TIMEOUT_SECONDS
) -> Delivery:
    """Post a message once.

    Parameters
    ----------
    url
        As `require_webhook` returned it.
    message_id
        Also sent as ``Idempotency-Key``: who received it knows it again.
    body
        Sent as JSON.
    timeout
        Seconds for all of it, looking up the name included.
    """
    found: list[Delivery] = []
    # No timeout of a connection bounds the look-up of a name, nor a server that drips.
    worker = threading.Thread(
        target=lambda: found.append(_post(url, message_id, body, timeout)), daemon=True
    )
    worker.start()
    worker.join(timeout)
    return found[0] if found else Delivery(False, None, f"no answer within {timeout:g} s")


def _post(url: str, message_id: str, body: Mapping[str, Any], timeout: float) -> Delivery:
    import httpx2 as httpx  # only where a webhook is set and has something to be told

    headers = {"User-Agent": f"satispy/{__version__}", "Idempotency-Key": message_id}
    waits = httpx.Timeout(timeout, connect=min(CONNECT_SECONDS, timeout))
    local = urlsplit(url).hostname in LOOPBACK
    try:
        with (
            httpx.Client(timeout=waits, trust_env=not local, follow_redirects=False) as client,
            client.stream("POST", url, json=dict(body), headers=headers) as answer,
        ):
            status = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        # Its text may name the address; its kind does not.
        return Delivery(False, None, f"no answer: {type(error).__name__}")
    if 200 <= status < 300:
        return Delivery(True, status, "it was taken")
    if 300 <= status < 400:
        return Delivery(False, status, f"it answers {status}; redirects are not followed")
    return Delivery(False, status, f"it answers {status}")

"""Predictions as fast as they are answered, from several clients at once, for some time."""

import asyncio
import math
import ssl
import time
from dataclasses import dataclass, field

import httpx2 as httpx

from satispy.core.errors import StackError

TEXT = "Livraison rapide, je recommande vivement."
CLIENTS = 8
LONGEST_ANSWER = 30.0


@dataclass
class Load:
    """What was asked, and how it was answered.

    Attributes
    ----------
    seconds
        How long it went on.
    answered
        Seconds from question to answer, of good answers.
    failed
        What came instead, to how often.
    longest_gap
        The longest time in which nothing was answered well: how long a recovery took.
    """

    seconds: float = 0.0
    answered: list[float] = field(default_factory=list)
    failed: dict[str, int] = field(default_factory=dict)
    longest_gap: float = 0.0

    def report(self) -> dict[str, object]:
        """Return rate, quantiles in milliseconds, failures and the longest gap, for JSON."""
        quantiles = {f"p{part}_ms": self.quantile_ms(part) for part in (50, 95, 99)}
        return {
            "seconds": round(self.seconds, 1),
            "answered": len(self.answered),
            "per_second": round(len(self.answered) / self.seconds, 1),
            **quantiles,
            "failed": self.failed,
            "longest_gap_s": round(self.longest_gap, 2),
        }

    def quantile_ms(self, part: int) -> float:
        """Return the milliseconds within which `part` of a hundred answers came."""
        if not self.answered:
            return math.inf
        ordered = sorted(self.answered)
        place = math.ceil(len(ordered) * part / 100) - 1
        return round(ordered[max(place, 0)] * 1000, 1)


async def load(
    url: str,
    username: str,
    password: str,
    seconds: float,
    verify: ssl.SSLContext | bool = True,
) -> Load:
    """Ask for predictions from several clients until the time is over.

    Raises
    ------
    StackError
        If the platform does not answer before it begins, or does not let us in.
    """
    limits = httpx.Limits(max_connections=CLIENTS)
    async with httpx.AsyncClient(
        base_url=url, timeout=LONGEST_ANSWER, trust_env=False, limits=limits, verify=verify
    ) as client:
        client.headers["Authorization"] = f"Bearer {await _token(client, username, password)}"
        found = Load()
        began = time.perf_counter()
        last_good = began

        async def ask_until(ends: float) -> None:
            nonlocal last_good
            while (asked := time.perf_counter()) < ends:
                wrong = await _ask(client)
                now = time.perf_counter()
                if wrong:
                    found.failed[wrong] = found.failed.get(wrong, 0) + 1
                    await asyncio.sleep(0.05)  # a platform that is away is not hammered at
                else:
                    found.answered.append(now - asked)
                    found.longest_gap = max(found.longest_gap, now - last_good)
                    last_good = now

        await asyncio.gather(*(ask_until(began + seconds) for _ in range(CLIENTS)))
        found.seconds = time.perf_counter() - began
        found.longest_gap = max(found.longest_gap, time.perf_counter() - last_good)
        return found


async def _token(client: httpx.AsyncClient, username: str, password: str) -> str:
    given = {"grant_type": "password", "username": username, "password": password}
    try:
        response = await client.post("/token", data=given)
    except httpx.TransportError as error:
        raise StackError(
            f"expected the API at {client.base_url}, but it does not answer: {error}"
        ) from error
    if response.status_code != httpx.codes.OK:
        raise StackError(
            f"expected a token of {client.base_url}, but received {response.status_code}: "
            f"{response.text[:300]}"
        )
    return str(response.json()["access_token"])


async def _ask(client: httpx.AsyncClient) -> str:
    """Return what came instead of an answer; empty where one came."""
    try:
        response = await client.post("/predict", json={"texts": [TEXT]})
    except httpx.TransportError as error:
        return type(error).__name__
    return "" if response.status_code == httpx.codes.OK else f"HTTP {response.status_code}"

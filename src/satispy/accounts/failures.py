"""Failed sign-ins, counted in the database so that every worker sees the same numbers.

Three counts, each in a window that opens with its first failure:

- **name and address**: whoever tries one account from one place. Few are enough.
- **address**: whoever tries many accounts from one place. More, for an office is one address too.
- **name**: whoever tries one account from many places. Never a lock: a stranger could then keep
  somebody out of their own account by guessing at it. Beyond the ceiling the name is *slowed
  down*, to one attempt a second.

A name that has signed in from an address of late is *known* there, and only its own count of name
and address holds it: neither strangers behind the same address nor guesses from elsewhere reach it
(the idea of OWASP's "device cookies", without the cookie).

Names stand here as a hash: a password typed as a name must not lie in a table.
"""

import hashlib
import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Integer, String, Table, bindparam, delete, or_, select
from sqlalchemy.engine import Row

from satispy.core.clock import Clock
from satispy.core.database import METADATA, Database, UtcDateTime

FAILURES = Table(
    "sign_in_failure",
    METADATA,
    Column("place", String(120), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False, index=True),
    Column("known_at", UtcDateTime),
)
KNOWN_FOR = timedelta(days=30)
KNOWN_AGAIN = timedelta(days=1)
"""A success is written down again only when the last note of it is older."""
SLOWED_TO = timedelta(seconds=1)


@dataclass(frozen=True)
class Limits:
    """How many failures in how long."""

    per_pair: int = 10
    window: timedelta = timedelta(minutes=5)

    @property
    def per_address(self) -> int:
        """An address may fail for several names before it is refused for all."""
        return 5 * self.per_pair

    @property
    def per_name(self) -> int:
        """A name is slowed down beyond it, for those who come from a new address."""
        return 10 * self.per_pair


@dataclass(frozen=True)
class Count:
    """What is known of one place: a pair, an address or a name."""

    failures: int
    since: datetime
    last_at: datetime
    known_at: datetime | None = None


@dataclass(frozen=True)
class Places:
    """The three places that one attempt belongs to."""

    pair: str
    address: str
    name: str

    @classmethod
    def of(cls, name: str, address: str) -> "Places":
        """Return the places of an attempt."""
        mark = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        network = network_of(address)
        return cls(f"pair {mark} {network}", f"address {network}", f"name {mark}")

    def all(self) -> tuple[str, str, str]:
        """Return the three."""
        return (self.pair, self.address, self.name)


def network_of(address: str) -> str:
    """Return what one customer of a provider has: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


@dataclass(frozen=True)
class Standing:
    """Whether an attempt may be made.

    Attributes
    ----------
    known
        Whether the name signed in from there of late.
    blocked_until
        None where it may be made; else when to come again.
    """

    known: bool
    blocked_until: datetime | None


def standing(
    places: Places, counts: Mapping[str, Count], limits: Limits, now: datetime
) -> Standing:
    """Judge an attempt by what is known of its places."""

    def within(place: str) -> Count | None:
        count = counts.get(place)
        return count if count is not None and now < count.since + limits.window else None

    pair = counts.get(places.pair)
    known = pair is not None and pair.known_at is not None and now < pair.known_at + KNOWN_FOR
    until = []
    if (own := within(places.pair)) is not None and own.failures >= limits.per_pair:
        # Where the name is known it is slowed down: others may sit behind the same address.
        until.append(own.last_at + SLOWED_TO if known else own.since + limits.window)
    if not known:
        here = within(places.address)
        if here is not None and here.failures >= limits.per_address:
            until.append(here.since + limits.window)
        named = within(places.name)
        if named is not None and named.failures >= limits.per_name:
            until.append(named.last_at + SLOWED_TO)
    late = max(until, default=now)
    return Standing(known, late if late > now else None)


def failed_again(count: Count | None, limits: Limits, now: datetime, times: int = 1) -> Count:
    """Return a count after further failures; a window that is over begins anew."""
    if count is None:
        return Count(times, now, now)
    if now >= count.since + limits.window:
        return replace(count, failures=times, since=now, last_at=now)
    return replace(count, failures=count.failures + times, last_at=now)


class FailedSignIns:
    """The counts of one home.

    Parameters
    ----------
    database
        Where they are kept.
    clock
        Dates them.
    limits
        How many failures in how long.
    """

    def __init__(self, database: Database, clock: Clock, limits: Limits) -> None:
        self._database = database
        self._clock = clock
        self.limits = limits

    def now(self) -> datetime:
        """Return the time by which all is judged."""
        return self._clock()

    def counts(self, places: Iterable[str]) -> dict[str, Count]:
        """Return what is written of some places; one small read."""
        with self._database.reading() as connection:
            rows = connection.execute(select(FAILURES).where(FAILURES.c.place.in_(list(places))))
            return {row.place: _count(row) for row in rows}

    def write(self, failures: Mapping[str, int], known: Iterable[str] = ()) -> None:
        """Add failures by place, and note the pairs that signed in; one transaction."""
        now = self._clock()
        known = set(known)
        touched = {*failures, *known}
        with self._database.writing() as connection:
            rows = connection.execute(select(FAILURES).where(FAILURES.c.place.in_(touched)))
            old = {row.place: _count(row) for row in rows}
            new = []
            for place in touched:
                count = old.get(place)
                if times := failures.get(place, 0):
                    count = failed_again(count, self.limits, now, times)
                if place in known:
                    count = replace(count or Count(0, now, now), known_at=now)
                if count is not None:
                    new.append(
                        {
                            "key": place,
                            "failures": count.failures,
                            "since": count.since,
                            "last_at": count.last_at,
                            "known_at": count.known_at,
                        }
                    )
            if inserted := [row for row in new if row["key"] not in old]:
                rows_of = [{**_without_key(row), "place": row["key"]} for row in inserted]
                connection.execute(FAILURES.insert(), rows_of)
            if updated := [row for row in new if row["key"] in old]:
                change = FAILURES.update().where(FAILURES.c.place == bindparam("key"))
                connection.execute(change, updated)

    def sweep(self) -> int:
        """Forget windows that are over, but not who is known where; return how many."""
        now = self._clock()
        gone = delete(FAILURES).where(
            FAILURES.c.last_at < now - self.limits.window,
            or_(FAILURES.c.known_at.is_(None), FAILURES.c.known_at < now - KNOWN_FOR),
        )
        with self._database.writing() as connection:
            return int(connection.execute(gone).rowcount)


def _count(row: Row[Any]) -> Count:
    return Count(row.failures, row.since, row.last_at, row.known_at)


def _without_key(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "key"}

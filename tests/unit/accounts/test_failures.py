from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from satispy.accounts.failures import (
    Count,
    FailedSignIns,
    Limits,
    Places,
    failed_again,
    network_of,
    standing,
)
from satispy.core.database import Database

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
LIMITS = Limits(per_pair=3, window=timedelta(minutes=5))
ALICE = Places.of("alice", "192.0.2.1")


class Clock:
    now = NOW

    def __call__(self):
        return self.now


def judged(counts, places=ALICE, now=NOW):
    return standing(places, counts, LIMITS, now)


def test_a_stranger_without_failures_may_try():
    assert judged({}).blocked_until is None
    assert not judged({}).known


def test_a_pair_is_refused_from_its_last_allowed_failure_until_its_window_ends():
    since = NOW - timedelta(minutes=1)
    assert judged({ALICE.pair: Count(2, since, NOW)}).blocked_until is None
    assert judged({ALICE.pair: Count(3, since, NOW)}).blocked_until == since + LIMITS.window
    later = since + LIMITS.window
    assert judged({ALICE.pair: Count(3, since, NOW)}, now=later).blocked_until is None


def test_an_address_that_tries_many_names_is_refused_for_all_that_never_signed_in_there():
    counts = {ALICE.address: Count(LIMITS.per_address, NOW, NOW)}
    assert judged(counts).blocked_until == NOW + LIMITS.window
    counts[ALICE.pair] = Count(0, NOW, NOW, known_at=NOW - timedelta(days=29))
    assert judged(counts).blocked_until is None
    assert judged(counts).known


def test_a_name_that_strangers_guess_at_is_slowed_down_and_never_locked():
    counts = {ALICE.name: Count(1_000_000, NOW, NOW)}
    assert judged(counts).blocked_until == NOW + timedelta(seconds=1)
    assert judged(counts, now=NOW + timedelta(seconds=1)).blocked_until is None


def test_a_known_pair_is_not_even_slowed_down_by_what_strangers_do():
    counts = {
        ALICE.name: Count(1_000_000, NOW, NOW),
        ALICE.address: Count(1_000_000, NOW, NOW),
        ALICE.pair: Count(2, NOW, NOW, known_at=NOW),
    }
    assert judged(counts).blocked_until is None
    counts[ALICE.pair] = Count(3, NOW, NOW, known_at=NOW)
    assert judged(counts).blocked_until == NOW + timedelta(seconds=1)


def test_where_a_name_is_known_others_behind_the_same_address_slow_it_down_and_never_lock_it():
    counts = {ALICE.pair: Count(1_000_000, NOW, NOW, known_at=NOW)}
    assert judged(counts, now=NOW + timedelta(seconds=1)).blocked_until is None


def test_who_signed_in_long_ago_is_a_stranger_again():
    counts = {ALICE.pair: Count(0, NOW, NOW, known_at=NOW - timedelta(days=31))}
    assert not judged(counts).known


def test_a_window_that_is_over_begins_anew_and_keeps_who_is_known():
    old = Count(9, NOW - timedelta(minutes=6), NOW - timedelta(minutes=6), known_at=NOW)
    assert failed_again(old, LIMITS, NOW) == Count(1, NOW, NOW, known_at=NOW)
    assert failed_again(Count(1, NOW, NOW), LIMITS, NOW, 2) == Count(3, NOW, NOW)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient\n", "unknown"),
    ],
)
def test_an_ipv6_customer_is_one_network_whatever_address_it_takes(address, network):
    assert network_of(address) == network
    assert Places.of("a", address).address == f"address {network}"


def test_no_name_stands_in_the_table_in_plain():
    assert "alice" not in "".join(ALICE.all())
    assert all(len(place) <= 120 for place in Places.of("é\udc80" * 9_999, "::" + "f" * 99).all())


def test_two_workers_count_together(database_place):
    with closing(Database(database_place)) as one, closing(Database(database_place)) as other:
        here, there = (FailedSignIns(database, Clock(), LIMITS) for database in (one, other))
        here.write({ALICE.pair: 1, ALICE.address: 2})
        there.write({ALICE.pair: 2, ALICE.name: 1}, known=[ALICE.pair])
        assert here.counts(ALICE.all()) == {
            ALICE.pair: Count(3, NOW, NOW, known_at=NOW),
            ALICE.address: Count(2, NOW, NOW),
            ALICE.name: Count(1, NOW, NOW),
        }


def test_what_is_over_is_swept_and_who_is_known_is_kept(database_place):
    clock = Clock()
    with closing(Database(database_place)) as database:
        failures = FailedSignIns(database, clock, LIMITS)
        failures.write({ALICE.address: 1}, known=[ALICE.pair])
        assert failures.sweep() == 0
        clock.now += timedelta(minutes=6)
        failures.write({ALICE.name: 1})
        assert failures.sweep() == 1
        assert set(failures.counts(ALICE.all())) == {ALICE.pair, ALICE.name}
        clock.now += timedelta(days=31)
        assert failures.sweep() == 2

"""A really serving API, killed under load: whoever repeats a request is answered once."""

import time

import numpy as np
import pytest

from crash.service import Clients, Serving

KILLS = {"sqlite": 12, "postgresql": 8}
CLIENTS = 4


@pytest.mark.parametrize("kind", KILLS, indirect=True)
def test_what_it_acknowledged_and_what_was_repeated_is_there_exactly_once(home, kind):
    choose, serving = np.random.default_rng(2026), Serving()
    with Clients(kind, serving, CLIENTS) as clients:
        for _ in range(KILLS[kind]):
            with home.services() as (service,):
                serving.begin(service.port)
                clients.wait_for(choose.integers(5, 40))
                moment = time.monotonic() + choose.uniform(0, 0.02)
                while time.monotonic() < moment:
                    pass
                serving.pause()
                service.kill()
            home.check(clients.acknowledged())
        with home.services() as (service,):
            serving.begin(service.port)
            clients.finish()
        acknowledged = clients.acknowledged()
        assert home.check(acknowledged) == len(acknowledged)
        assert clients.retried() >= KILLS[kind]

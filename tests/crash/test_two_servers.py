"""Two servers on one base."""

import pytest

from crash.service import Clients, Connection, Serving

ROWS = 60


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"], indirect=True)
def test_both_take_files_and_comments_at_once_and_agree_in_the_end(home, kind):
    with home.services(2) as services:
        loads = []
        for number, service in enumerate(services):
            serving = Serving()
            serving.begin(service.port)
            loads.append(Clients(f"{kind}{number}", serving, 4))
        with loads[0] as first, loads[1] as second:
            for clients in (first, second):
                clients.wait_for(ROWS)
            for clients in (first, second):
                clients.finish()
            acknowledged = first.acknowledged() | second.acknowledged()
        states = []
        for service in services:
            connection = Connection(service.port)
            states.append(connection.get("/status")["dataset"])
            connection.close()
    assert states[0] == states[1]
    assert states[0]["rows"] == len(acknowledged)
    assert home.check(acknowledged) == len(acknowledged)
    ids = [row_id for row_id in acknowledged.values() if row_id is not None]
    assert len(set(ids)) == len(ids)

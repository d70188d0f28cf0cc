import time
import uuid
from datetime import datetime

import pytest

from listeners import collecting, never_answering
from satispy.core.errors import NotReady
from satispy.stack.ports import free_port
from satispy.tracking.address import Address
from satispy.tracking.facts import TrackedDataset
from satispy.tracking.openlineage import COMPLETE, FAIL, START, Retraining, event, send

BASE = TrackedDataset("data_MAJ.csv", "/home/clean_data/data_MAJ.csv", "c" * 64, 12, ("a", "b"))
AT = "2026-11-21T08:00:00.000000Z"
SPEC = "https://openlineage.io/spec/"


def made(state=COMPLETE, runs=("1-svm", "1-gbc"), complaint=""):
    return event(state, Retraining("20261121T080000.000000Z", BASE, runs), AT, complaint)


def facets_of(part):
    """Every facet below a part of an event."""
    if isinstance(part, list):
        return [facet for one in part for facet in facets_of(one)]
    if not isinstance(part, dict):
        return []
    return [
        facet
        for name, value in part.items()
        for facet in (value.values() if name.lower().endswith("facets") else facets_of(value))
    ]


@pytest.mark.parametrize("state", [START, COMPLETE, FAIL])
def test_an_event_has_what_version_2_0_2_of_the_standard_asks_for(state):
    said = made(state, complaint="no family was trained")
    assert said["schemaURL"] == f"{SPEC}2-0-2/OpenLineage.json#/$defs/RunEvent"
    assert said["eventType"] == state
    assert datetime.fromisoformat(said["eventTime"]).tzinfo is not None
    assert said["producer"].startswith("urn:satispy:")
    uuid.UUID(said["run"]["runId"])
    for part in (said["job"], *said["inputs"], *said["outputs"]):
        assert part["namespace"]
        assert part["name"]
    facets = facets_of(said)
    assert len(facets) == 5
    for facet in facets:
        assert facet["_producer"] == said["producer"]
        assert facet["_schemaURL"].startswith(f"{SPEC}facets/")


def test_the_base_comes_in_at_its_version_and_the_models_go_out():
    said = made()
    (base,) = said["inputs"]
    assert (base["namespace"], base["name"]) == ("file", BASE.source)
    assert base["facets"]["version"]["datasetVersion"] == BASE.digest
    assert [column["name"] for column in base["facets"]["schema"]["fields"]] == ["a", "b"]
    assert [model["name"] for model in said["outputs"]] == ["1-svm", "1-gbc"]


def test_the_beginning_and_the_end_of_a_retraining_are_one_run():
    assert made(START)["run"]["runId"] == made(FAIL, complaint="x")["run"]["runId"]
    assert made(FAIL, complaint="x")["run"]["facets"]["errorMessage"]["message"] == "x"


def test_an_event_is_posted_with_name_and_password():
    with collecting() as server:
        address = Address.parse(server.url.replace("//", "//anne:hush@"), "X")
        send(address, made())
    ((path, headers, body),) = server.requests
    assert path == "/api/v1/lineage"
    assert headers["Authorization"].startswith("Basic ")
    assert body == made()


def test_a_server_that_refuses_is_told_of():
    with (
        collecting(500) as server,
        pytest.raises(NotReady, match="it answers 500"),
    ):
        send(Address.parse(server.url, "X"), made())


def test_a_server_that_is_away_is_told_of():
    with pytest.raises(NotReady, match="refused"):
        send(Address.parse(f"http://127.0.0.1:{free_port()}", "X"), made())


def test_a_server_that_never_answers_holds_nobody_up():
    began = time.monotonic()
    with never_answering() as url, pytest.raises(NotReady):
        send(Address.parse(url, "X"), made(), timeout=0.3)
    assert time.monotonic() - began < 30

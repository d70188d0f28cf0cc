"""Events of OpenLineage: that a retraining began on this base, and which models it ended with.

The events are made of the standard's own types, which know the versions of their schemas. Sending
is ours: the client of that package would also look for a git repository, for files of its own and
for dates in names to cut off.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx2 as httpx

from satispy import __version__
from satispy.core.errors import NotReady
from satispy.tracking.address import Address
from satispy.tracking.facts import TrackedDataset

START, COMPLETE, FAIL = "START", "COMPLETE", "FAIL"
NAMESPACE = "satispy"
JOB = "retrain_reviews"
PRODUCER = f"urn:satispy:{__version__}"
"""OpenLineage asks for a URI that names who speaks."""

LOCAL_FILES = "file"
"""Namespace of files, as OpenLineage names it."""

TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True)
class Retraining:
    """What is told of a retraining.

    Attributes
    ----------
    job
        Its id; equal ids are one run to OpenLineage.
    dataset
        What it learns from.
    runs
        Names of the models that it ended with.
    """

    job: str
    dataset: TrackedDataset
    runs: Sequence[str] = ()


def event(state: str, retraining: Retraining, at: str, complaint: str = "") -> dict[str, Any]:
    """Return an event, ready for JSON.

    Parameters
    ----------
    state
        ``START``, ``COMPLETE`` or ``FAIL``.
    retraining
        Of which.
    at
        When (ISO 8601, with its offset).
    complaint
        Why it failed.
    """
    from openlineage.client import event_v2, facet_v2
    from openlineage.client.serde import Serde

    def version(of: str) -> facet_v2.DatasetFacet:
        facet = facet_v2.dataset_version_dataset.DatasetVersionDatasetFacet
        return facet(of, producer=PRODUCER)

    dataset = retraining.dataset
    column = facet_v2.schema_dataset.SchemaDatasetFacetFields
    columns = facet_v2.schema_dataset.SchemaDatasetFacet(
        fields=[column(name, "string") for name in dataset.columns], producer=PRODUCER
    )
    failure = facet_v2.error_message_run.ErrorMessageRunFacet(
        complaint, "python", producer=PRODUCER
    )
    number = uuid.uuid5(uuid.NAMESPACE_OID, f"{NAMESPACE}/{retraining.job}")
    base = event_v2.InputDataset(
        LOCAL_FILES,
        dataset.source,
        facets={"version": version(dataset.digest), "schema": columns},
    )
    models = [
        event_v2.OutputDataset(NAMESPACE, run, facets={"version": version(run)})
        for run in retraining.runs
    ]
    made = event_v2.RunEvent(
        eventType=event_v2.RunState(state),
        eventTime=at,
        run=event_v2.Run(str(number), {"errorMessage": failure} if complaint else {}),
        job=event_v2.Job(NAMESPACE, JOB),
        inputs=[base],
        outputs=list(models),
        producer=PRODUCER,
    )
    return dict(Serde.to_dict(made))


def send(address: Address, said: dict[str, Any], timeout: float = TIMEOUT_SECONDS) -> None:
    """Post an event to ``<address>/api/v1/lineage``.

    Parameters
    ----------
    address
        Of a server that collects them.
    said
        The event.
    timeout
        Seconds for all of it, looking up the name included.

    Raises
    ------
    NotReady
        If the server does not take it in time.
    """
    found: list[str] = []

    def post() -> None:
        auth = (address.user, address.password) if address.user else None
        try:
            answer = httpx.post(
                f"{address.url}/api/v1/lineage", json=said, auth=auth, timeout=timeout
            )
            found.append("" if answer.is_success else f"it answers {answer.status_code}")
        except httpx.HTTPError as error:
            found.append(str(error) or type(error).__name__)

    # No timeout of a connection bounds the look-up of a name, nor a server that drips.
    worker = threading.Thread(target=post, daemon=True)
    worker.start()
    worker.join(timeout)
    complaint = found[0] if found else f"no answer within {timeout:g} s"
    if complaint:
        raise NotReady(f"expected {address.url} to take an event of OpenLineage, but: {complaint}")

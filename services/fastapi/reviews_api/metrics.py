"""What is counted for Prometheus; docs/observability.md lists it, and a test compares.

Each process counts for itself. Several workers count in files of ``PROMETHEUS_MULTIPROC_DIR``,
which the library reads when it is imported; any of them then answers for all.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from reviews_api.counting import take_room
from satispy.core.errors import DuplicateUpload, SatispyError
from satispy.workflows.ingest import UploadReceipt
from satispy.workflows.opening import Home
from satispy.workflows.predict import Predictor
from satispy.workflows.vital_signs import VitalSigns, vital_signs

take_room()

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

MEASURED = CollectorRegistry()
REQUESTS = Counter(
    "satispy_http_requests",
    "Requests that were answered; those to no route of ours are `unmatched`",
    ["method", "route", "status"],
    registry=MEASURED,
)
DURATION = Histogram(
    "satispy_http_request_seconds",
    "From the first byte of a request to the last of its answer",
    ["method", "route"],
    buckets=SECONDS,
    registry=MEASURED,
)
REFUSALS = Counter(
    "satispy_refusals", "Answers of 400 and above, by their code", ["code"], registry=MEASURED
)
UPLOADS = Counter(
    "satispy_uploads",
    "Files: accepted, duplicate, refused, repeated (same Idempotency-Key), examined (dry run)",
    ["outcome"],
    registry=MEASURED,
)
ROWS = Counter(
    "satispy_upload_rows",
    "Rows of accepted files: accepted, duplicate, quarantined",
    ["outcome"],
    registry=MEASURED,
)
COMMENTS = Counter("satispy_comments", "Comments that were acknowledged", registry=MEASURED)
FEEDBACK = Counter(
    "satispy_feedback",
    "Corrections: received, accepted, rejected, repeated requests too",
    ["outcome"],
    registry=MEASURED,
)
PREDICTIONS = Counter(
    "satispy_predictions", "Texts that a family judged", ["family"], registry=MEASURED
)
if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
    TOGETHER = CollectorRegistry()
    MultiProcessCollector(TOGETHER)  # type: ignore[no-untyped-call]  # the library's
else:
    TOGETHER = MEASURED
    ProcessCollector(registry=MEASURED)


@contextmanager
def upload_counted() -> Iterator[Callable[[UploadReceipt], UploadReceipt]]:
    """Count what becomes of a file; the block hands the receipt to what it is given."""
    try:
        yield _count
    except DuplicateUpload:
        UPLOADS.labels("duplicate").inc()
        raise
    except SatispyError:
        UPLOADS.labels("refused").inc()
        raise


def _count(receipt: UploadReceipt) -> UploadReceipt:
    if receipt.repeated or receipt.upload_id is None:
        UPLOADS.labels("repeated" if receipt.repeated else "examined").inc()
        return receipt
    UPLOADS.labels("accepted").inc()
    ROWS.labels("accepted").inc(receipt.rows_accepted)
    ROWS.labels("duplicate").inc(receipt.rows_duplicate)
    ROWS.labels("quarantined").inc(receipt.rows_quarantined)
    return receipt


def exposition(home: Home, predictor: Predictor, accept: str) -> tuple[bytes, str]:
    """Return all figures, and their media type, in the format that a scraper accepts."""
    encode, media_type = choose_encoder(accept)
    # Read anew for each scrape, so of several workers none has old figures.
    registry = CollectorRegistry()
    registry.register(_Home(home, predictor))
    return encode(_Both(registry)), media_type


class _Home:
    """What the home says of itself, as metrics."""

    def __init__(self, home: Home, predictor: Predictor) -> None:
        self._home, self._predictor = home, predictor

    def describe(self) -> list[Metric]:
        """Return nothing: each instance answers one scrape."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Read the home."""
        yield from _families(vital_signs(self._home, self._predictor))


def _families(signs: VitalSigns) -> Iterator[Metric]:
    build = InfoMetricFamily("satispy_build", "Versions of the service and of its Python")
    build.add_metric([], {"version": signs.version, "python": signs.python})
    yield build
    yield _gauge("satispy_home_readable", "0 where base or models cannot be read", signs.readable)
    if signs.dataset is not None:
        yield _gauge("satispy_dataset_version", "Version of the base", signs.dataset.number)
        yield _gauge("satispy_dataset_rows", "Rows of the base", signs.dataset.rows)
    if signs.feedback_waiting is not None:
        yield _gauge("satispy_feedback_waiting", "Corrections to decide", signs.feedback_waiting)
    model = InfoMetricFamily("satispy_model", "Run that answers for a family", labels=["family"])
    age = GaugeMetricFamily(
        "satispy_model_age_seconds", "Since the run was trained that answers", labels=["family"]
    )
    for one in signs.models:
        champion = "true" if one.champion else "false"
        model.add_metric([one.family], {"run": one.run, "champion": champion})
        if one.age_seconds is not None:
            age.add_metric([one.family], one.age_seconds)
    yield model
    yield age
    yield _gauge("satispy_model_troubles", "Models that should answer and cannot", signs.troubles)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=float(value))


class _Both(CollectorRegistry):
    """What all processes counted, and what the home says."""

    def __init__(self, home: CollectorRegistry) -> None:
        super().__init__()
        self._home = home

    def collect(self) -> Iterable[Any]:
        """Return both."""
        yield from TOGETHER.collect()
        yield from self._home.collect()

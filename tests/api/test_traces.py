"""Traces, told to a collector of the tests' own over real HTTP."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from gzip import decompress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fastapi.testclient import TestClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from reviews_api.app import create_app
from satispy.core.errors import ConfigurationError
from satispy.core.settings import load_settings
from satispy.core.tracing import span

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
CALLER = {"traceparent": f"00-{TRACE}-{PARENT}-01"}


class Collector:
    """What was told, decoded."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[ExportTraceServiceRequest] = []
        self.paths: list[str] = []

    @property
    def spans(self) -> list:
        """All spans."""
        return [
            one
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for one in scope.spans
        ]

    def named(self, name: str):
        """Return the one span of this name."""
        (found,) = [one for one in self.spans if one.name == name]
        return found


@pytest.fixture
def collector(monkeypatch) -> Iterator[Collector]:
    found = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = decompress(body)
            found.paths.append(self.path)
            found.requests.append(ExportTraceServiceRequest.FromString(body))
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.url = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("SATISPY_OTEL_ENDPOINT", found.url)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield found
        server.shutdown()
        thread.join()


def attributes(one) -> dict[str, object]:
    return {
        item.key: getattr(item.value, item.value.WhichOneof("value")) for item in one.attributes
    }


@pytest.fixture
def home(sqlite_home, trained_home):
    shutil.copytree(trained_home / "clean_model", sqlite_home / "clean_model")
    return sqlite_home


def test_an_upload_and_a_prediction_are_traced_from_the_caller_to_the_commit(
    collector, home, admin
):
    with TestClient(create_app(load_settings())) as api:
        file = {"file": ("a.csv", "Commentaire;star\nparfait;5\nnul;1\n")}
        named = {**CALLER, "X-Request-ID": "from-the-page"}
        assert api.post("/uploadfile", files=file, auth=admin, headers=named).status_code == 201
        assert api.post("/predict", json={"texts": ["nul"]}, auth=admin).status_code == 200
        assert api.get("/uploads/none", auth=admin).status_code == 404
    assert set(collector.paths) == {"/v1/traces"}
    request = collector.named("POST /uploadfile")
    assert (request.trace_id.hex(), request.parent_span_id.hex()) == (TRACE, PARENT)
    found = attributes(request)
    assert found["http.response.status_code"] == 201
    assert found["satispy.request_id"] == "from-the-page"
    parts = ["ingest.validate", "ingest.append", "ingest.commit"]
    for name in parts:
        part = collector.named(name)
        assert (part.trace_id, part.parent_span_id) == (request.trace_id, request.span_id), name
    begins = [collector.named(name).start_time_unix_nano for name in parts]
    assert begins == sorted(begins)
    prediction = collector.named("POST /predict")
    assert prediction.trace_id != request.trace_id
    families = {
        attributes(one)["family"]: one.span_id
        for one in collector.spans
        if one.name == "predict.family"
    }
    assert families.keys() == {"ann", "gbc", "svm"}
    for name in ("predict.encode", "predict.run"):
        inside = {one.parent_span_id for one in collector.spans if one.name == name}
        assert set(families.values()) <= inside
    assert attributes(collector.named("GET /uploads/{upload_id}"))["http.route"] == (
        "/uploads/{upload_id}"
    )
    resource = attributes(collector.requests[0].resource_spans[0].resource)
    assert resource["service.name"] == "satispy-api"
    assert "nul" not in [value for one in collector.spans for value in attributes(one).values()]


def test_a_defect_is_an_error_in_the_trace_and_its_message_is_not_told(
    collector, home, admin, monkeypatch
):
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a person's words")

    monkeypatch.setattr("reviews_api.routes.data.past_uploads", fail)
    app = create_app(load_settings())
    with TestClient(app, raise_server_exceptions=False) as api:
        assert api.get("/uploads", auth=admin).status_code == 500
    request = collector.named("GET /uploads")
    assert attributes(request)["error.type"] == "ZeroDivisionError"
    assert request.status.code == 2
    assert b"a person's words" not in collector.requests[0].SerializeToString()


def test_a_collector_that_is_away_stops_nobody(home, admin, monkeypatch):
    monkeypatch.setenv("SATISPY_OTEL_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("satispy.core.otel.SECONDS", 0.1)
    with TestClient(create_app(load_settings())) as api:
        assert api.get("/status", auth=admin).status_code == 200


def test_an_endpoint_that_is_no_address_is_refused_and_not_repeated(home, monkeypatch):
    monkeypatch.setenv("SATISPY_OTEL_ENDPOINT", "collector:secret@nowhere")
    with (
        pytest.raises(ConfigurationError, match="expected SATISPY_OTEL_ENDPOINT as http") as caught,
        TestClient(create_app(load_settings())),
    ):
        pass
    assert "secret" not in str(caught.value)


NOTHING = """
import json, sys
from fastapi.testclient import TestClient
from reviews_api.app import create_app
from satispy.core.settings import load_settings
with TestClient(create_app(load_settings())) as api:
    assert api.get("/status", auth=("admin", "admin's password")).status_code == 200
parts = ("sdk", "exporter", "proto")
ours = tuple(f"opentelemetry.{part}" for part in parts)
print(json.dumps([name for name in sys.modules if name.startswith((*ours, "satispy.core.otel"))]))
"""


def test_without_an_endpoint_neither_sdk_nor_exporter_is_imported(home):
    """FastAPI itself imports the bare API of OpenTelemetry, in which nothing happens."""
    done = subprocess.run(
        [sys.executable, "-c", NOTHING],
        env={**os.environ, "PYTHONPATH": "services/fastapi"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == []
    assert span("ingest.validate") is span("ingest.append")

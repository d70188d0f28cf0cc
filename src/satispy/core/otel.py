"""Traces for an OpenTelemetry collector; imported only where SATISPY_OTEL_ENDPOINT names one."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from satispy import __version__
from satispy.core.errors import ConfigurationError
from satispy.core.tracing import trace_with

SECONDS = 5
"""How long one delivery may take; what a collector does not take in time is dropped."""

_CALLERS = TraceContextTextMapPropagator()


class Traces:
    """Sends the spans of this process to a collector, in the background, until it is closed.

    Nothing of an exception but its kind is told: messages may quote what people sent.

    Parameters
    ----------
    endpoint
        Where the collector takes OTLP over HTTP; without a path, ``/v1/traces`` is meant.
    service
        Name of this part in the traces.

    Raises
    ------
    ConfigurationError
        If the endpoint is no address.
    """

    def __init__(self, endpoint: str, service: str) -> None:
        self._provider = TracerProvider(
            resource=Resource.create({"service.name": service, "service.version": __version__}),
            shutdown_on_exit=False,
        )
        exporter = OTLPSpanExporter(endpoint=_traces_url(endpoint), timeout=SECONDS)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("satispy", __version__)

    def install(self) -> None:
        """Let `span` open spans here."""
        trace_with(self._open)

    @contextmanager
    def request(self, method: str, traceparent: str | None) -> Iterator[Span]:
        """Open the span of a request, within its caller's trace where it names one."""
        context = _CALLERS.extract({"traceparent": traceparent} if traceparent else {})
        with self._open(method, {}, SpanKind.SERVER, context) as opened:
            yield opened

    def close(self) -> None:
        """Send what waits, and stop."""
        trace_with(None)
        self._provider.shutdown()

    @contextmanager
    def _open(
        self,
        name: str,
        attributes: Mapping[str, str | int],
        kind: SpanKind = SpanKind.INTERNAL,
        context: Context | None = None,
    ) -> Iterator[Span]:
        with self._tracer.start_as_current_span(
            name,
            context,
            kind,
            attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as opened:
            try:
                yield opened
            except BaseException as error:  # named in the span, and raised again
                self.mark_failed(opened, type(error).__name__)
                raise

    @staticmethod
    def mark_failed(span: Span, kind: str) -> None:
        """Say that a span ended by an error of this kind; its message stays here."""
        span.set_attribute("error.type", kind)
        span.set_status(Status(StatusCode.ERROR))


def _traces_url(endpoint: str) -> str:
    url = urlsplit(endpoint)
    if url.scheme not in {"http", "https"} or not url.hostname:
        raise ConfigurationError(
            "expected SATISPY_OTEL_ENDPOINT as http://host:4318, the address of a collector that "
            "takes OTLP over HTTP, but it is none"
        )
    return endpoint if url.path.strip("/") else endpoint.rstrip("/") + "/v1/traces"

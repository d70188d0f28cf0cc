"""Connections that cost us nothing for long: limits on how a request may arrive.

Uvicorn waits for a request as long as its sender likes and takes headers of any size. Here headers
must be complete within seconds and small, and a body must keep coming; who does not comply is told
so, where that is still possible, and the connection is closed. ``--http reviews_api.wire:WaryHttp``
makes uvicorn use it.
"""

from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

TOO_SLOW = (408, "Request Timeout", "the request did not arrive in time")
TOO_LARGE = (431, "Request Header Fields Too Large", "the headers are too many or too large")
NO_HTTP = (400, "Bad Request", "what came is no HTTP request")


CONTINUE = b"HTTP/1.1 100 "


class WholeAnswer:
    """A transport that holds the head of one answer until the first piece of its body comes.

    Uvicorn writes them apart. A process that was killed between the two left a proxy with a head
    alone, which it could neither send on nor ask another process to make good.
    """

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._head: bytes | None = None
        self._begun = False

    def write(self, data: bytes) -> None:
        """Hold what comes first, unless it only asks for the body of the request."""
        if not self._begun and not data.startswith(CONTINUE):
            self._begun, self._head = True, data
            return
        if self._head is not None:
            data, self._head = self._head + data, None
        self._transport.write(data)

    def flush(self) -> None:
        """Write a head that no body follows."""
        if self._head is not None:
            self.write(b"")

    def close(self) -> None:
        """Write what is held, then close."""
        self.flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class WaryHttp(HttpToolsProtocol):
    """Uvicorn's protocol with limits on what comes in.

    Attributes
    ----------
    header_seconds
        From the connection, or the first byte of a further request, to the end of its headers.
    body_seconds
        What a body may take whatever its size.
    body_rate
        Bytes a second that a body must bring on average beyond that. Only the time in which we
        were ready to read counts.
    most_header_bytes, most_headers
        Of one request, its address and the trailers of a chunked body included.
    """

    header_seconds: ClassVar[float] = 10.0
    body_seconds: ClassVar[float] = 20.0
    body_rate: ClassVar[float] = 1_000.0
    most_header_bytes: ClassVar[int] = 32_768
    most_headers: ClassVar[int] = 100

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._refusal = NO_HTTP
        self._timer: Any = None
        self._pending = 0  # bytes of headers, also of those that are not parsed yet
        self._await_headers()

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._set_timer(self.header_seconds, self._headers_late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._set_timer(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, and look whether headers grow without an end."""
        if self._in_headers:
            self._pending += len(data)
            if self._timer is None:  # any byte, be it a stray line end, stops uvicorn's own clock
                self._set_timer(self.header_seconds, self._headers_late)
        super().data_received(data)
        if self.parser is None or self.transport.is_closing():
            return
        if self._in_headers and self._pending > self.most_header_bytes:
            self._refuse(TOO_LARGE)

    def on_message_begin(self) -> None:
        """Begin to wait for headers."""
        super().on_message_begin()
        self._await_headers()
        self._set_timer(self.header_seconds, self._headers_late)

    def on_url(self, url: bytes) -> None:
        """Count the address."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header, or a trailer."""
        self._fields += 1
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin to wait for the body, which most requests do not have."""
        self._in_headers = False
        self._waited = 0.0
        self._received = 0
        self._set_timer(self._tick, self._body_late)
        super().on_headers_complete()
        cycle = self.cycle
        if cycle is None or isinstance(cycle.transport, WholeAnswer):  # an upgrade begins none
            return
        answer, ended = WholeAnswer(self.transport), cycle.on_response

        def end() -> None:
            answer.flush()  # that of HEAD has no body
            ended()

        cycle.transport, cycle.on_response = answer, end  # type: ignore[assignment]

    def on_body(self, body: bytes) -> None:
        """Count the body."""
        self._received += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Wait for nothing more; uvicorn waits for the next request."""
        self._set_timer(None)
        self._pending = 0
        self._in_headers = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what the parser refused, or one of our own callbacks."""
        self._refuse(self._refusal)

    @property
    def _tick(self) -> float:
        return min(1.0, self.body_seconds / 4)

    def _await_headers(self) -> None:
        self._in_headers = True
        self._counted = 0
        self._fields = 0

    def _count(self, size: int) -> None:
        self._counted += size
        if self._counted > self.most_header_bytes or self._fields > self.most_headers:
            self._refusal = TOO_LARGE
            raise ValueError(TOO_LARGE[2])  # the parser turns it into a refusal

    def _headers_late(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            # The answer to the request before is still on its way; the next one may wait.
            self._set_timer(self.header_seconds, self._headers_late)
        elif self._pending:
            self._refuse(TOO_SLOW)
        else:  # who said nothing is told nothing
            self.transport.close()

    def _body_late(self) -> None:
        """Close where the body comes too slowly; else look again after a tick."""
        if self.cycle.response_complete:  # what still comes is of no use to anybody
            self.transport.close()
            return
        if not (self.flow.read_paused or self.cycle.waiting_for_100_continue):
            self._waited += self._tick
        if self._waited > self.body_seconds + self._received / self.body_rate:
            self._refuse(TOO_SLOW)
        else:
            self._set_timer(self._tick, self._body_late)

    def _set_timer(self, seconds: float | None, then: Any = None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None else self.loop.call_later(seconds, then)

    def _refuse(self, refusal: tuple[int, str, str]) -> None:
        """Answer, unless an answer is under way already, and close."""
        self._set_timer(None)
        if self.transport.is_closing():
            return
        status, phrase, detail = refusal
        self.logger.warning("refused a connection: %d, %s", status, detail)
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(
                f"HTTP/1.1 {status} {phrase}\r\ncontent-type: text/plain; charset=utf-8\r\n"
                f"content-length: {len(detail)}\r\nconnection: close\r\n\r\n{detail}".encode()
            )
        if self.cycle is not None:
            self.cycle.disconnected = True  # nothing of ours may follow this answer
            self.cycle.message_event.set()
        self.transport.close()

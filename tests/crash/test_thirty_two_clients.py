"""Thirty-two clients that post comments for twenty seconds to one server."""

import asyncio
import time

import pytest

from crash.service import AUTHORIZATION, comment_of

CLIENTS = 32
SECONDS = 20


async def answer_to(reader):
    """Read one answer and return its status and body."""
    head = await reader.readuntil(b"\r\n\r\n")
    status, _, fields = head.partition(b"\r\n")
    length = next(
        int(line.split(b":")[1])
        for line in fields.lower().split(b"\r\n")
        if line.startswith(b"content-length:")
    )
    return int(status.split()[1]), await reader.readexactly(length)


async def client(port, name, until, acknowledged):
    """Post one comment after the other, and note those that were acknowledged."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    number = 0
    while time.monotonic() < until:
        text = f"{name}/{number}/0"
        path, body, kind = comment_of(text)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {AUTHORIZATION}\r\n"
            f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        status, answer = await answer_to(reader)
        assert status == 201, answer
        acknowledged[text] = int(answer.partition(b'"id":')[2].partition(b",")[0])
        number += 1
    writer.close()
    await writer.wait_closed()


async def all_clients(port, acknowledged):
    until = time.monotonic() + SECONDS
    await asyncio.gather(
        *(client(port, f"client{number}", until, acknowledged) for number in range(CLIENTS))
    )


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"], indirect=True)
def test_nothing_that_they_were_told_is_lost(home, kind, request, capsys):
    acknowledged = {}
    with home.services() as (service,):
        asyncio.run(all_clients(service.port, acknowledged))
    assert home.check(acknowledged) == len(acknowledged)
    rate = round(len(acknowledged) / SECONDS)
    with capsys.disabled():
        request.config.get_terminal_writer().line(f" {kind}: {rate} comments/s, {CLIENTS} clients")

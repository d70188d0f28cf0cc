"""Clients for the benchmarks, in a light process of their own; the standard library alone.

Usage: ``python http_clients.py comments PORT USER PASSWORD CLIENTS SECONDS`` posts comments, each
client on one kept connection and after the answer to its last one. ``python http_clients.py upload
PORT USER PASSWORD FILE`` sends a file. Both print JSON.
"""

import asyncio
import base64
import json
import socket
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

HOST = "127.0.0.1"
TEXTS = (
    "Commande reçue en trois jours, la robe est conforme à la description et bien emballée, merci.",
    "Toujours pas livré au bout de deux semaines, et le service client ne répond jamais. A fuir !",
    "Très bon rapport qualité prix. Seul bémol : le livreur a laissé le colis devant la porte.",
)
BOUNDARY = "benchmark-boundary"


def main() -> None:
    """Do what the command line says and print what came of it."""
    what, port, user, password, *rest = sys.argv[1:]
    head = _head(int(port), f"{user}:{password}")
    if what == "comments":
        clients, seconds = rest
        found = asyncio.run(post_comments(int(port), head, int(clients), float(seconds)))
    else:
        found = upload(int(port), head, Path(rest[0]))
    print(json.dumps(found))


async def post_comments(port: int, head: str, clients: int, seconds: float) -> dict[str, float]:
    """Post comments for a while; return how many were acknowledged, and milliseconds."""
    start = time.perf_counter()
    many = await asyncio.gather(
        *(_post(port, _comments(head, number), start + seconds) for number in range(clients))
    )
    took = time.perf_counter() - start
    waits = sorted(wait for waits in many for wait in waits)
    return {
        "comments": len(waits),
        "per_second": len(waits) / took,
        "median_ms": 1000 * statistics.median(waits),
        "p99_ms": 1000 * waits[int(0.99 * (len(waits) - 1))],
    }


def upload(port: int, head: str, file: Path) -> dict[str, float]:
    """Send a file as a form; return the seconds until the answer."""
    disposition = f'Content-Disposition: form-data; name="file"; filename="{file.name}"'
    first = f"--{BOUNDARY}\r\n{disposition}\r\nContent-Type: text/csv\r\n\r\n".encode()
    last = f"\r\n--{BOUNDARY}--\r\n".encode()
    size = len(first) + file.stat().st_size + len(last)
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    start = time.perf_counter()
    with socket.create_connection((HOST, port)) as connection, file.open("rb") as content:
        connection.sendall(_request("/uploadfile", head, kind, size) + first)
        connection.sendfile(content)
        connection.sendall(last)
        with connection.makefile("rb") as answer:
            status = answer.readline()
            took = time.perf_counter() - start
            if b" 201 " not in status:
                raise RuntimeError(f"expected 201, but received {status!r}")
    return {"seconds": took}


async def _post(port: int, requests: Iterator[bytes], until: float) -> list[float]:
    waits = []
    reader, writer = await asyncio.open_connection(HOST, port)
    while (start := time.perf_counter()) < until:
        writer.write(next(requests))
        answer = await reader.readuntil(b"\r\n\r\n")
        if b" 201 " not in answer[: answer.index(b"\r\n")]:
            raise RuntimeError(f"expected 201, but received {answer!r}")
        length = next(
            int(line.partition(b":")[2])
            for line in answer.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        )
        await reader.readexactly(length)
        waits.append(time.perf_counter() - start)
    writer.close()
    await writer.wait_closed()
    return waits


def _comments(head: str, client: int) -> Iterator[bytes]:
    count = 0
    while True:
        count += 1
        text = f"{TEXTS[count % len(TEXTS)]} ({client}/{count})"
        comment = {"Commentaire": text, "star": count % 5 + 1, "source": "site"}
        body = json.dumps(comment, ensure_ascii=False).encode()
        yield _request("/comment", head, "application/json", len(body)) + body


def _request(path: str, head: str, kind: str, size: int) -> bytes:
    fields = f"Content-Type: {kind}\r\nContent-Length: {size}\r\n\r\n"
    return f"POST {path} HTTP/1.1\r\n{head}{fields}".encode()


def _head(port: int, pair: str) -> str:
    secret = base64.b64encode(pair.encode()).decode()
    return f"Host: {HOST}:{port}\r\nAuthorization: Basic {secret}\r\n"


if __name__ == "__main__":
    main()

"""Clients that ask for predictions, in a light process of their own; the standard library alone.

Usage: ``python predict_clients.py < ORDER``. The order is JSON: ``port``, ``path``, ``header`` (one
line, or nothing), ``bodies`` (the JSON texts to post, in turns), ``requests`` and ``clients``. Each
client is a thread with one kept connection and asks again as soon as it has its answer. Prints
JSON: requests per second, and milliseconds.
"""

import json
import socket
import sys
import threading
import time

HOST = "127.0.0.1"
WARM_UP = 100


def main() -> None:
    """Do as ordered."""
    order = json.load(sys.stdin)
    requests = [_request(order, body) for body in order["bodies"]]
    warm_up = requests[:WARM_UP]
    ask(order["port"], warm_up)
    shares: list[list[bytes]] = [[] for _ in range(order["clients"])]
    for number in range(order["requests"]):
        shares[number % len(shares)].append(requests[number % len(requests)])
    waits: list[float] = []
    failures: list[BaseException] = []

    def one(share: list[bytes]) -> None:
        try:
            waits.extend(ask(order["port"], share))
        except Exception as error:  # a thread's own would only be printed
            failures.append(error)

    threads = [threading.Thread(target=one, args=(share,)) for share in shares]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - start
    if failures:
        raise failures[0]
    waits.sort()
    print(
        json.dumps(
            {
                "warm_up": len(warm_up),
                "per_second": len(waits) / took,
                "p50_ms": 1000 * waits[len(waits) // 2],
                "p99_ms": 1000 * waits[int(0.99 * (len(waits) - 1))],
            }
        )
    )


def ask(port: int, requests: list[bytes]) -> list[float]:
    """Post the requests one after the other on one connection; return the seconds of each."""
    waits = []
    with socket.create_connection((HOST, port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for request in requests:
            start = time.perf_counter()
            connection.sendall(request)
            _receive(connection)
            waits.append(time.perf_counter() - start)
    return waits


def _receive(connection: socket.socket) -> None:
    received = b""
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += _some(connection)
    head = received[:end].lower()
    if b" 200 " not in head.partition(b"\r\n")[0]:
        raise RuntimeError(f"expected 200, but received {received!r}")
    length = int(head.partition(b"content-length:")[2].split()[0])
    missing = length - (len(received) - end - 4)
    while missing > 0:
        missing -= len(_some(connection))


def _some(connection: socket.socket) -> bytes:
    some = connection.recv(1 << 18)
    if not some:
        raise RuntimeError("the server closed the connection in the midst of an answer")
    return some


def _request(order: dict[str, str], body: str) -> bytes:
    content = body.encode()
    fields = [
        f"POST {order['path']} HTTP/1.1",
        f"Host: {HOST}:{order['port']}",
        *filter(None, [order["header"]]),
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
    ]
    return "\r\n".join([*fields, "", ""]).encode() + content


if __name__ == "__main__":
    main()

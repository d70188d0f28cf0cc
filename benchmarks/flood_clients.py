"""The flood and the good user of `bench_flood.py`, in a light process; the standard library alone.

Usage: ``python flood_clients.py PORT USER PASSWORD SECONDS RATE MODE``, where MODE is ``one`` (all
from one address), ``many`` (each from another, by X-Forwarded-For) or ``none``. Prints JSON.
"""

import asyncio
import base64
import itertools
import json
import sys
import time
from collections import Counter

HOST = "127.0.0.1"
GOOD_EVERY = 0.05


def main() -> None:
    """Do what the command line says and print what came of it."""
    port, user, password, seconds, rate, mode = sys.argv[1:]
    found = asyncio.run(play(int(port), user, password, float(seconds), float(rate), mode))
    print(json.dumps(found))


async def play(
    port: int, user: str, password: str, seconds: float, rate: float, mode: str
) -> dict[str, object]:
    """Let both run for a while; return milliseconds of the good one and the flood's answers."""
    until = time.perf_counter() + seconds
    answers: Counter[int] = Counter()
    flood = asyncio.create_task(_flood(port, rate, until, mode, answers))
    waits = await _good(port, user, password, until)
    await flood
    waits.sort()
    return {
        "asked": len(waits),
        "p50_ms": waits[len(waits) // 2],
        "p95_ms": waits[int(0.95 * (len(waits) - 1))],
        "worst_ms": waits[-1],
        "flood": dict(answers),
    }


async def _good(port: int, user: str, password: str, until: float) -> list[float]:
    waits = []
    while (start := time.perf_counter()) < until:
        status = await _ask(port, _head(user, password))
        if status != 200:
            raise RuntimeError(f"expected 200 for the good user, but received {status}")
        waits.append(1000 * (time.perf_counter() - start))
        await asyncio.sleep(max(0.0, start + GOOD_EVERY - time.perf_counter()))
    return waits


async def _flood(port: int, rate: float, until: float, mode: str, answers: Counter[int]) -> None:
    if mode == "none":
        return
    asking = set()
    due = time.perf_counter()
    for number in itertools.count():
        if due >= until:
            break
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        due += 1 / rate
        # Half guess at a name each, half at everybody's first guess.
        head = _head("admin" if number % 2 else f"user{number}", f"wrong {number}")
        if mode == "many":
            head += (
                f"X-Forwarded-For: 10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}\r\n"
            )
        task = asyncio.create_task(_count(port, head, answers))
        asking.add(task)
        task.add_done_callback(asking.discard)
    await asyncio.gather(*asking)


async def _count(port: int, head: str, answers: Counter[int]) -> None:
    answers[await _ask(port, head)] += 1


async def _ask(port: int, head: str) -> int:
    """Ask ``GET /status`` on a new connection, as who signs in does."""
    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write(f"GET /status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{head}\r\n".encode())
    answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1])


def _head(user: str, password: str) -> str:
    pair = base64.b64encode(f"{user}:{password}".encode()).decode()
    return f"Authorization: Basic {pair}\r\n"


if __name__ == "__main__":
    main()

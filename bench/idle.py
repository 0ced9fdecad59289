"""What a thousand sessions cost that do nothing, and how soon the gateway is ready."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tests.raw_client import RawClient

if TYPE_CHECKING:
    import ssl

    from bench.paths import Way
    from narrows.demo.stack import Stack

FIRST_SESSIONS = 5


def measure(way: Way, context: ssl.SSLContext, *, sessions: int) -> dict[str, Any]:
    """Opens `sessions` sessions and compares a fresh gateway's resident memory with before.

    Memory that earlier sessions gave back would be used again and not show, hence fresh. A few sessions go
    first, for what the first of all brings along.
    """
    for first in [_open(way, context) for _ in range(FIRST_SESSIONS)]:
        first.socket.close()
    before_kib = way.memory_kib()
    clients = [_open(way, context) for _ in range(sessions)]
    after_kib = way.memory_kib()
    for client in clients:
        client.socket.close()
    return {"sessions": sessions, "kib_per_session": (after_kib - before_kib) / sessions}


def _open(way: Way, context: ssl.SSLContext) -> RawClient:
    told = way.connection
    client = RawClient(f"{told['host']}:{told['port']}")
    seen = client.log_in(context, user=told["user"], database=told["dbname"], password=told["password"])
    if seen[-1].type != "Z":
        raise RuntimeError(f"login failed: {seen[-1]}")
    return client


def time_to_ready(stack: Stack) -> float:
    """Seconds from starting `narrows serve` to its listening lines; the gateway is left running."""
    stack.stop_gateway()
    started = time.perf_counter()
    stack.start_gateway()
    return time.perf_counter() - started

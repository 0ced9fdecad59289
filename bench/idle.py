"""What sessions cost that do nothing, and how soon the gateway is ready."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.raw_client import RawClient

from narrows.demo.stack import DATABASE_USER

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
    from pathlib import Path

    from bench.paths import Way
    from narrows.demo.stack import Stack

FIRST_SESSIONS = 5
TARGET = "idle-db"
FILES_A_SESSION = 2
"""One to the agent and one to the target."""
FILES_BESIDE = 500


@contextmanager
def target(socket: Path) -> Iterator[str]:
    """Runs `bench.idle_target` in front of a database; yields the configuration of it as a target."""
    command = [sys.executable, "-m", "bench.idle_target", str(socket)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"""
[[target]]
name = "{TARGET}"
kind = "postgres"
address = "127.0.0.1:{int(process.stdout.readline())}"
database = "orders"
tls = "off"
credential = {{ kind = "password", user = "{DATABASE_USER}", secret = "env:ORDERS_DB_PASSWORD" }}
"""
    finally:
        process.terminate()
        process.wait()


def allowed(sessions: int) -> int:
    """How many sessions, of so many at most, this process and those that it starts may open files for."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return min(sessions, (hard - FILES_BESIDE) // FILES_A_SESSION)


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
    return {
        "sessions": sessions,
        "kib_per_session": (after_kib - before_kib) / sessions,
        "mib_in_all": after_kib / 1024,
    }


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

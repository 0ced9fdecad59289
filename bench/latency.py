"""What an agent waits for: the first row of a slow query, a first-seen statement, a cached one, a login."""

from __future__ import annotations

import statistics
import time
from itertools import count
from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from bench.paths import Way

NEVER_SEEN = count(1)


def measure(ways: list[Way], *, samples: int) -> dict[str, Any]:
    """Medians and 99th percentiles in microseconds, the ways taken in turn sample by sample."""
    connections = {way.name: psycopg.connect(**way.connection, autocommit=True) for way in ways}
    seen: dict[str, dict[str, list[float]]] = {
        kind: {name: [] for name in connections} for kind in ("cached", "first_seen", "first_row")
    }
    for connection in connections.values():
        _time(connection, "select 1")
    for _ in range(samples):
        for name, connection in connections.items():
            seen["cached"][name].append(_time(connection, "select 1"))
            seen["first_seen"][name].append(_time(connection, f"select {next(NEVER_SEEN)}"))
    for _ in range(max(samples // 50, 5)):
        for name, connection in connections.items():
            seen["first_row"][name].append(_first_row(connection))
    for connection in connections.values():
        connection.close()
    logins = {way.name: [_login(way) for _ in range(max(samples // 20, 5))] for way in ways}
    return {kind: _summary(of_kind) for kind, of_kind in (seen | {"login": logins}).items()}


def _time(connection: psycopg.Connection[Any], text: str) -> float:
    query = text.encode()
    started = time.perf_counter()
    result = connection.pgconn.exec_(query)
    took = (time.perf_counter() - started) * 1e6
    if result.error_message:
        raise RuntimeError(result.error_message.decode())
    return took


def _first_row(connection: psycopg.Connection[Any]) -> float:
    """Until the first of two rows is there; the second comes half a second later."""
    pgconn = connection.pgconn
    started = time.perf_counter()
    # The padding pushes the first rows out of the server's own 8 KiB buffer.
    text = b"select g, repeat('x', 9000), case when g = 2 then pg_sleep(0.2) end from generate_series(1, 2) g"
    pgconn.send_query(text)
    pgconn.set_single_row_mode()
    pgconn.get_result()
    took = (time.perf_counter() - started) * 1e6
    while pgconn.get_result() is not None:
        pass
    return took


def _login(way: Way) -> float:
    started = time.perf_counter()
    psycopg.connect(**way.connection).close()
    return (time.perf_counter() - started) * 1e6


def _summary(of_kind: dict[str, list[float]]) -> dict[str, Any]:
    return {
        name: {
            "p50_us": statistics.median(values),
            "p99_us": statistics.quantiles(values, n=100)[98] if len(values) > 1 else values[0],
            "max_us": max(values),
        }
        for name, values in of_kind.items()
    }

"""What an agent waits for: the first row of a slow query, and a login."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import psycopg

from bench.figures import quantiles

if TYPE_CHECKING:
    from bench.paths import Way


def measure(ways: list[Way], *, samples: int) -> dict[str, Any]:
    """Microseconds per way, the ways taken in turn sample by sample."""
    connections = {way.name: psycopg.connect(**way.connection, autocommit=True) for way in ways}
    first_row: dict[str, list[float]] = {name: [] for name in connections}
    login: dict[str, list[float]] = {name: [] for name in connections}
    for _ in range(samples):
        for way in ways:
            first_row[way.name].append(_first_row(connections[way.name]))
            login[way.name].append(_login(way))
    for connection in connections.values():
        connection.close()
    return {
        "first_row": {name: quantiles(values) for name, values in first_row.items()},
        "login": {name: quantiles(values) for name, values in login.items()},
    }


def _first_row(connection: psycopg.Connection[Any]) -> float:
    """Until the first of two rows is there; the second comes a fifth of a second later."""
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

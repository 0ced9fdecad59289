"""500,000 rows of four columns, two of them masked: time against direct, and the gateway's memory."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg

from bench.figures import median_ratio

if TYPE_CHECKING:
    from collections.abc import Callable

    from psycopg.pq.abc import PGconn, PGresult

    from bench.paths import Way

ROWS = 500_000
SCHEMA = f"""
CREATE TABLE people (id integer, name text, card_number text, ssn text);
INSERT INTO people SELECT g, 'name of ' || g, lpad(g::text, 16, '4'), lpad(g::text, 9, '1')
    FROM generate_series(1, {ROWS}) g;
VACUUM ANALYZE people;
"""


def measure(ways: list[Way], readers: dict[str, Callable[[PGconn], int]], *, rounds: int) -> dict[str, Any]:
    """Reads a whole table by each of the readers, on every way in turn."""
    out: dict[str, Any] = {}
    for name, read in readers.items():
        runs: dict[str, list[float]] = {way.name: [] for way in ways}
        peak_kib = 0
        for _ in range(rounds):
            for way in ways:
                watch = _MemoryWatch(way)
                with watch:
                    runs[way.name].append(_timed(way, read))
                peak_kib = max(peak_kib, watch.growth_kib) if way.name == "narrows" else peak_kib
        ratios = {other: median_ratio(runs["narrows"], runs[other]) for other in runs if other != "narrows"}
        out[name] = {"seconds": runs, "ratios": ratios, "memory_growth_kib": peak_kib}
    return out


def _timed(way: Way, read: Callable[[PGconn], int]) -> float:
    with psycopg.connect(**way.connection, autocommit=True) as connection:
        started = time.perf_counter()
        parts = read(connection.pgconn)
        took = time.perf_counter() - started
    if parts < ROWS // 1000:
        raise RuntimeError(f"{way.name} returned {parts} parts")
    return took


def read_rows(query: bytes, result_format: int, pgconn: PGconn) -> int:
    """Streams the rows in libpq's chunked mode, so that the client's own memory is not what is measured."""
    pgconn.send_query_params(query, None, result_format=result_format)
    pgconn.set_chunked_rows_mode(1000)
    chunks = 0
    while (result := pgconn.get_result()) is not None:
        _check(result)
        chunks += 1
    return chunks


def _copy(form: bytes, pgconn: PGconn) -> int:
    """Takes COPY data from libpq as it comes, one row at a time."""
    _check(pgconn.exec_(b"copy people to stdout (format " + form + b")"))
    rows = 0
    while pgconn.get_copy_data(0)[0] > 0:
        rows += 1
    while (result := pgconn.get_result()) is not None:
        _check(result)
    return rows


def _check(result: PGresult) -> None:
    if result.error_message:
        raise RuntimeError(result.error_message.decode())


QUERY = b"select id, name, card_number, ssn from people"
READERS: dict[str, Callable[[PGconn], int]] = {
    "text": partial(read_rows, QUERY, 0),
    "binary": partial(read_rows, QUERY, 1),
    "copy text": partial(_copy, b"text"),
    "copy csv": partial(_copy, b"csv"),
    "copy binary": partial(_copy, b"binary"),
}


class _MemoryWatch:
    """Samples the process's resident memory while it is open."""

    def __init__(self, way: Way) -> None:
        self.growth_kib = 0
        self._way = way
        self._done = threading.Event()

    def __enter__(self) -> None:
        if self._way.process is not None:
            self._start = self._way.memory_kib()
            self._thread = threading.Thread(target=self._sample)
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        if self._way.process is not None:
            self._done.set()
            self._thread.join()

    def _sample(self) -> None:
        while not self._done.wait(0.01):
            self.growth_kib = max(self.growth_kib, self._way.memory_kib() - self._start)

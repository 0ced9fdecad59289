"""500,000 rows of four columns, two of them masked: time against direct, and the gateway's memory."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import psycopg

from bench.figures import median_ratio

if TYPE_CHECKING:
    from bench.paths import Way

ROWS = 500_000
SCHEMA = f"""
CREATE TABLE people (id integer, name text, card_number text, ssn text);
INSERT INTO people SELECT g, 'name of ' || g, lpad(g::text, 16, '4'), lpad(g::text, 9, '1')
    FROM generate_series(1, {ROWS}) g;
VACUUM ANALYZE people;
"""


def measure(ways: list[Way], *, rounds: int) -> dict[str, Any]:
    """Reads the whole table in text and binary on every way in turn."""
    out: dict[str, Any] = {}
    for name, binary in (("text", False), ("binary", True)):
        runs: dict[str, list[float]] = {way.name: [] for way in ways}
        peak_kib = 0
        for _ in range(rounds):
            for way in ways:
                watch = _MemoryWatch(way)
                with watch:
                    runs[way.name].append(_read(way, binary))
                peak_kib = max(peak_kib, watch.growth_kib) if way.name == "narrows" else peak_kib
        ratios = {other: median_ratio(runs["narrows"], runs[other]) for other in runs if other != "narrows"}
        out[name] = {"seconds": runs, "ratios": ratios, "memory_growth_kib": peak_kib}
    return out


def _read(way: Way, binary: bool) -> float:
    """Streams the rows in libpq's chunked mode, so that the client's own memory is not what is measured."""
    with psycopg.connect(**way.connection, autocommit=True) as connection:
        started = time.perf_counter()
        cursor = connection.cursor(binary=binary)
        rows = sum(1 for _ in _raw_rows(cursor))
        took = time.perf_counter() - started
    if rows < ROWS // 1000:
        raise RuntimeError(f"{way.name} returned {rows} chunks")
    return took


def _raw_rows(cursor: psycopg.Cursor[Any]) -> Any:
    pgconn = cursor.connection.pgconn
    pgconn.send_query_params(
        b"select id, name, card_number, ssn from people", None, result_format=int(cursor.format)
    )
    pgconn.set_chunked_rows_mode(1000)
    while (result := pgconn.get_result()) is not None:
        if result.error_message:
            raise RuntimeError(result.error_message.decode())
        yield result


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

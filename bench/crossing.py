"""Ask to verdict: statements never seen before, and cached ones, from one session and from many at once.

pgbench asks, so that the client's own cost is a C program's. A text that holds a random number is a new
statement to a cache that never normalises; its verdict costs one crossing to the control plane.
"""

from __future__ import annotations

import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from bench.figures import quantiles
from bench.paths import program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.paths import Way

FIRST_SEEN = "\\set x random(1, 1000000000000)\nSELECT :x;\n"
CACHED = "SELECT 1;\n"
PACE = 1_000
"""Statements a second, never seen before: a busy agent fleet's, well below what one thread decides."""
LONG_LIST = "select aid from pgbench_accounts where aid in (" + ",".join(map(str, range(150_000))) + ")"
"""About a megabyte, and the most work to read that a text of this length can be."""


def measure(ways: list[Way], *, seconds: int, rounds: int) -> dict[str, Any]:
    """Latencies in microseconds per way, text and number of sessions; then with a long text beside them."""
    told: dict[str, Any] = {}
    for name, script, sessions in (
        ("first_seen_1", FIRST_SEEN, 1),
        ("first_seen_64", FIRST_SEEN, 64),
        ("cached_1", CACHED, 1),
        ("cached_64", CACHED, 64),
    ):
        seen: dict[str, list[float]] = {way.name: [] for way in ways}
        for _ in range(rounds):
            for way in ways:
                seen[way.name].extend(latencies(way, script, sessions, seconds))
        told[name] = {way: quantiles(values) for way, values in seen.items()}
    ours = next(way for way in ways if way.name == "narrows")
    told[f"first_seen_64_at_{PACE}_per_s"] = {
        way.name: quantiles(latencies(way, FIRST_SEEN, 64, seconds, per_s=PACE)) for way in ways
    }
    with _long_texts(ours):
        beside = latencies(ours, FIRST_SEEN, 8, seconds, per_s=PACE)
    told[f"first_seen_8_at_{PACE}_per_s_beside_long_texts"] = {ours.name: quantiles(beside)}
    return told


def latencies(way: Way, script: str, sessions: int, seconds: int, per_s: int = 0) -> list[float]:
    """Microseconds of each transaction of `script`, after a warm-up that is not counted.

    As fast as the sessions can, or `per_s` a second in all: then the wait behind one's schedule counts too.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "script.sql"
        file.write_text(script)
        command = [program("pgbench"), "-n", "-M", "simple", "-f", str(file), "-c", str(sessions)]
        command += ["-j", str(min(sessions, 2)), "-T", str(seconds), "-l", "--log-prefix", f"{folder}/log"]
        command += ["-R", str(per_s)] if per_s else []
        done = subprocess.run(command, env=way.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"pgbench through {way.name}: {done.stderr[-1500:]}")
        lines = [line.split() for log in Path(folder).glob("log*") for line in log.read_text().splitlines()]
    warm = len(lines) // 10
    lines.sort(key=lambda line: (int(line[4]), int(line[5])))  # when it ended: seconds, microseconds
    return [float(line[2]) for line in lines[warm:]]


class _long_texts:  # noqa: N801, reads as the context that it is
    """One session that keeps sending a text as long as any may be, with a breath in between."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._send)

    def __enter__(self) -> None:
        self._thread.start()
        time.sleep(0.5)

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _send(self) -> None:
        with psycopg.connect(**self._way.connection, autocommit=True) as connection:
            for number in self._numbers():
                connection.pgconn.exec_(f"{LONG_LIST} -- {number}".encode())

    def _numbers(self) -> Iterator[int]:
        number = 0
        while not self._done.wait(0.1):
            number += 1
            yield number

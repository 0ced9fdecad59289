"""Kubernetes: single calls, calls at once, a long list, idle watches and exec, each way in turn.

The API server is a real one; policy, masks (values of environments, and three detectors everywhere) and the
journal are on. Watches and exec are measured beside direct alone: `kubectl proxy` refuses exec by default.
"""

from __future__ import annotations

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from tests.cluster.build import binary

from bench import clusters, processes
from bench.figures import median_ratio, quantiles
from bench.http import Connection

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.http import Server

TOGETHER = 8
"""Connections with calls under way at a time."""
PODS = 5_000
WATCHES = 2_000
WATCHED_S = 30.0
"""How long watches are left alone before memory is read again."""
EXEC_BYTES = 500_000_000
SMALL = f"/api/v1/namespaces/{clusters.NAMESPACE}/configmaps/{clusters.SMALL}"
LIST = f"/api/v1/namespaces/{clusters.NAMESPACE}/pods"
WATCH = f"/api/v1/namespaces/{clusters.IDLE_NAMESPACE}/configmaps?watch=true&timeoutSeconds=3600"
EXEC = f"/api/v1/namespaces/default/pods/{clusters.SHELL}/exec?stdout=true&stderr=true"
PROTOCOL = "v5.channel.k8s.io"
STDOUT = 1
"""The channel of a command's output."""


def measure(place: Path, *, rounds: int, quick: bool) -> dict[str, Any]:
    """Measures everything.

    Args:
        place: A folder to work in.
        rounds: How often each way is taken.
        quick: A fifth of everything, for a first look.

    Raises:
        Unbuildable: There is no API server here, and the message says why.
    """
    part = 5 if quick else 1
    place.mkdir()
    with (
        clusters.filled(binary(), place / "cluster", pods=PODS // part) as cluster,
        clusters.narrows(cluster, place / "gateway") as narrows,
        clusters.kubectl_proxy(cluster) as proxy,
    ):
        direct = clusters.direct(cluster)
        ways = [direct, narrows, proxy]
        return {
            "get": _get(ways, rounds=rounds, calls=1_000 // part),
            "rate": _rate(ways, rounds=rounds, calls=2_000 // part),
            "list": _list(ways, narrows, rounds=rounds, pods=PODS // part),
            "exec": _exec([direct, narrows], rounds=rounds, size=EXEC_BYTES // part),
            "watches": _watches(narrows, WATCHES // part),
        }


def _get(ways: list[Server], *, rounds: int, calls: int) -> dict[str, Any]:
    """Microseconds of one call after the other over one kept connection."""
    samples: dict[str, list[float]] = {way.name: [] for way in ways}
    with contextlib.ExitStack() as stack:
        connections = {way.name: stack.enter_context(Connection(way)) for way in ways}
        for connection in connections.values():
            connection.fetch(SMALL)
        for _ in range(rounds):
            for name, connection in connections.items():
                samples[name] += [_timed(connection) for _ in range(calls)]
    return {name: quantiles(taken) for name, taken in samples.items()}


def _timed(connection: Connection) -> float:
    started = time.perf_counter()
    connection.fetch(SMALL)
    return (time.perf_counter() - started) * 1e6


def _rate(ways: list[Server], *, rounds: int, calls: int) -> dict[str, Any]:
    """Calls a second with several at a time, and what one costs the process in between."""
    rates: dict[str, list[float]] = {way.name: [] for way in ways}
    cpu_us: dict[str, list[float]] = {way.name: [] for way in ways if way.process is not None}

    def ask(connection: Connection) -> None:
        for _ in range(calls // TOGETHER):
            connection.fetch(SMALL)

    with contextlib.ExitStack() as stack, ThreadPoolExecutor(TOGETHER) as threads:
        connections = {
            way.name: [stack.enter_context(Connection(way)) for _ in range(TOGETHER)] for way in ways
        }
        for of_way in connections.values():
            list(threads.map(lambda connection: connection.fetch(SMALL), of_way))
        for _ in range(rounds):
            for way in ways:
                of_way = connections[way.name]
                took, used = _costs(way, lambda of_way=of_way: list(threads.map(ask, of_way)))  # type: ignore[misc]
                rates[way.name].append(calls / took)
                if way.process is not None:
                    cpu_us[way.name].append(used * 1e6 / calls)
    return {"per_second": rates, "cpu_us": cpu_us}


def _list(ways: list[Server], narrows: Server, *, rounds: int, pods: int) -> dict[str, Any]:
    """Seconds of a list of all pods, and what it costs the process in between."""
    seconds: dict[str, list[float]] = {way.name: [] for way in ways}
    cpu_s: dict[str, list[float]] = {way.name: [] for way in ways if way.process is not None}
    sizes: dict[str, int] = {}
    assert narrows.process is not None
    before = processes.memory_kib(narrows.process)
    with contextlib.ExitStack() as stack:
        connections = {way.name: stack.enter_context(Connection(way)) for way in ways}
        for name, connection in connections.items():
            sizes[name] = connection.fetch(LIST)
        for _ in range(rounds * 2):
            for way in ways:
                connection = connections[way.name]
                took, used = _costs(way, lambda connection=connection: connection.fetch(LIST))  # type: ignore[misc]
                seconds[way.name].append(took)
                if way.process is not None:
                    cpu_s[way.name].append(used)
    return {
        "pods": pods,
        "bytes": sizes,
        "seconds": seconds,
        "cpu_s": cpu_s,
        "ratios": {
            name: median_ratio(took, seconds["narrows"])
            for name, took in seconds.items()
            if name != "narrows"
        },
        "memory_growth_kib": processes.memory_kib(narrows.process) - before,
    }


def _exec(ways: list[Server], *, rounds: int, size: int) -> dict[str, Any]:
    """Megabytes a second out of a command, what they cost, and milliseconds until a command's first byte."""
    rates: dict[str, list[float]] = {way.name: [] for way in ways}
    first_ms: dict[str, list[float]] = {way.name: [] for way in ways}
    cpu_s_per_gb: list[float] = []
    for _ in range(rounds):
        for way in ways:
            took, used = _costs(way, lambda way=way: _bulk(way, size))  # type: ignore[misc]
            rates[way.name].append(size / 1e6 / took)
            if way.process is not None:
                cpu_s_per_gb.append(used * 1e9 / size)
        for way in ways:
            first_ms[way.name] += [_first_byte(way) for _ in range(10)]
    return {
        "mb_per_second": rates,
        "ratio": median_ratio(rates["narrows"], rates["direct"]),
        "cpu_s_per_gb": cpu_s_per_gb,
        "first_byte_ms": {name: quantiles(taken) for name, taken in first_ms.items()},
    }


def _bulk(way: Server, size: int) -> None:
    with Connection(way) as connection:
        connection.upgrade(f"{EXEC}&command=head&command=-c&command={size}&command=/dev/zero", PROTOCOL)
        read = sum(length - 1 for channel, length in connection.messages() if channel == STDOUT)
    if read != size:
        raise RuntimeError(f"{way.name}: {read} of {size} bytes came")


def _first_byte(way: Server) -> float:
    with Connection(way) as connection:
        started = time.perf_counter()
        connection.upgrade(f"{EXEC}&command=echo&command=here", PROTOCOL)
        for channel, length in connection.messages():
            if channel == STDOUT and length > 1:
                return (time.perf_counter() - started) * 1e3
    raise RuntimeError(f"{way.name}: the command said nothing")


def _watches(narrows: Server, watches: int) -> dict[str, Any]:
    """The gateway's memory with many watches open that have nothing to say, at once and later."""
    assert narrows.process is not None
    with contextlib.ExitStack() as stack:
        _watch(stack.enter_context(Connection(narrows)))
        before = processes.memory_kib(narrows.process)
        for _ in range(watches):
            _watch(stack.enter_context(Connection(narrows)))
        opened = processes.memory_kib(narrows.process)
        used = processes.cpu_s(narrows.process)
        time.sleep(WATCHED_S)
        later = processes.memory_kib(narrows.process)
        used = processes.cpu_s(narrows.process) - used
    return {
        "watches": watches,
        "kib_per_watch": (opened - before) / watches,
        "growth_kib": later - opened,
        "idle_cpu_s": used,
    }


def _watch(connection: Connection) -> None:
    connection.send(WATCH, "Accept: application/json")
    connection.head(200)


def _costs(way: Server, run: Callable[[], Any]) -> tuple[float, float]:
    """Seconds that something takes, and processor time of the process in between."""
    before = 0.0 if way.process is None else processes.cpu_s(way.process)
    started = time.perf_counter()
    run()
    took = time.perf_counter() - started
    return took, (0.0 if way.process is None else processes.cpu_s(way.process) - before)

"""SSH: one command and many at a time, direct and through the gateway in turn; `ssh_bulk.py` has the rest.

One command is measured twice: the same again, whose verdict a session keeps, and one that is new each time.
Commands are measured on one connection, as a multiplexing client or an automation tool uses it. The target is
a real sshd; a stub that runs nothing shows what the gateway itself can do, and a relay that does nothing else
(`ssh_floor.py`) what a hop costs whoever makes it with asyncssh.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import asyncssh

from bench import processes, ssh_bulk
from bench.figures import quantiles
from narrows.demo.sshd import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from narrows.demo.sshd import Sshd

TOGETHER = 16
"""Commands under way at a time on one connection."""
BURST = 10
"""Commands on one way before the next has its turn: what disturbs the machine disturbs all ways."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to one host."""

    name: str
    port: int
    user: str
    password: str | None = None
    key: str | None = None

    def connect(self) -> Any:
        """A client's connection."""
        return asyncssh.connect(
            "127.0.0.1",
            self.port,
            username=self.user,
            password=self.password,
            client_keys=[self.key] if self.key else None,
            known_hosts=None,
            config=None,
            agent_path=None,
            encryption_algs=[ssh_bulk.CIPHER],
        )


@dataclass(frozen=True, slots=True)
class Process:
    """One of the processes in between."""

    pid: int
    told: dict[str, Any]


def measure(place: Path, *, rounds: int, quick: bool) -> dict[str, Any]:
    """Measures everything; `place` is a folder to work in."""
    commands, mebibytes = (100, 100) if quick else (400, 500)
    (place / "sshd").mkdir(parents=True)
    with contextlib.ExitStack() as stack:
        sshd = stack.enter_context(running(place / "sshd", sessions_max=100))
        web = json.dumps(_described(sshd))
        stub = stack.enter_context(_process("bench.ssh_gateway", "stub", str(place))).told
        floor = stack.enter_context(_process("bench.ssh_floor", web))
        gateway = stack.enter_context(_process("bench.ssh_gateway", "gateway", str(place / "gateway"), web))
        before_stub = stack.enter_context(
            _process("bench.ssh_gateway", "gateway", str(place / "stub"), json.dumps(stub))
        )
        ways = (
            Way("direct", sshd.port, sshd.login, key=str(sshd.private_key)),
            Way("floor", floor.told["port"], "floor", floor.told["password"]),
            _through(gateway),
        )
        to_stub = (Way("direct", stub["port"], "stub", key=stub["private_key"]), _through(before_stub))
        bulk = ssh_bulk.Bulk(sshd, gateway.told, gateway.pid, place, rounds, mebibytes)
        return {
            "exec": _exec(ways, itertools.repeat("true"), commands=commands * rounds),
            "new": _exec(ways, map("true {}".format, itertools.count()), commands=commands * rounds),
            "rate": _rate(to_stub, before_stub.pid, rounds=rounds, commands=commands * 5),
            "bulk": bulk.streams(),
            "files": bulk.files(),
            "peak_mib": processes.peak_kib(gateway.pid) / 1024,
        }


def _exec(ways: tuple[Way, ...], texts: Iterator[str], *, commands: int) -> dict[str, Any]:
    """Microseconds of one command after the other, each the next of `texts`."""
    samples: dict[str, list[float]] = {way.name: [] for way in ways}

    async def run() -> None:
        async with contextlib.AsyncExitStack() as stack:
            connections = {way.name: await stack.enter_async_context(way.connect()) for way in ways}
            for _ in range(commands // BURST):
                for name, connection in connections.items():
                    await connection.run("true")
                    for _ in range(BURST):
                        started = time.perf_counter()
                        await connection.run(next(texts), check=True)
                        samples[name].append((time.perf_counter() - started) * 1e6)

    asyncio.run(run())
    return {name: quantiles(taken) for name, taken in samples.items()}


def _rate(ways: tuple[Way, ...], pid: int, *, rounds: int, commands: int) -> dict[str, Any]:
    """Commands a second with many at a time, and what one costs the gateway."""
    rates: dict[str, list[float]] = {way.name: [] for way in ways}
    cpu_ms = []

    async def run(way: Way) -> float:
        async with way.connect() as connection:
            await connection.run("true")
            started = time.perf_counter()
            for _ in range(commands // TOGETHER):
                await asyncio.gather(*(connection.run("true", check=True) for _ in range(TOGETHER)))
            return commands // TOGETHER * TOGETHER / (time.perf_counter() - started)

    for _ in range(rounds):
        for way in ways:
            before = processes.cpu_s(pid)
            rates[way.name].append(asyncio.run(run(way)))
            if way.name == "narrows":
                cpu_ms.append((processes.cpu_s(pid) - before) * 1e3 / commands)
    return {"per_second": rates, "cpu_ms": cpu_ms}


def _through(gateway: Process) -> Way:
    return Way("narrows", gateway.told["port"], gateway.told["user"], gateway.told["ticket"])


@contextlib.contextmanager
def _process(module: str, *arguments: str) -> Iterator[Process]:
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if line.startswith(b"{"):
                    yield Process(process.pid, json.loads(line))
                    break
        finally:
            process.kill()  # a gateway that is told to stop waits for who is still there


def _described(sshd: Sshd) -> dict[str, Any]:
    return {
        "port": sshd.port,
        "login": sshd.login,
        "host_key": sshd.host_key,
        "private_key": str(sshd.private_key),
    }

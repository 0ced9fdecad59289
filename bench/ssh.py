"""SSH: one command, many at a time and bulk, direct and through the gateway in turn.

One command is measured twice: the same again, whose verdict a session keeps, and one that is new each time.
Commands are measured on one connection, as a multiplexing client or an automation tool uses it. The target is
a real sshd; a stub that runs nothing shows what the gateway itself can do.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import asyncssh

from bench import processes
from bench.figures import median_ratio, quantiles
from narrows.demo.sshd import PLAIN, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from narrows.demo.sshd import Sshd

CIPHER = "aes128-gcm@openssh.com"
TOGETHER = 16
"""Commands under way at a time on one connection."""
MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Host:
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
            encryption_algs=[CIPHER],
        )


def measure(place: Path, *, rounds: int, quick: bool) -> dict[str, Any]:
    """Measures everything; `place` is a folder to work in."""
    commands, mebibytes = (100, 100) if quick else (400, 500)
    (place / "sshd").mkdir(parents=True)
    with contextlib.ExitStack() as stack:
        sshd = stack.enter_context(running(place / "sshd", sessions_max=100))
        stub, _ = stack.enter_context(_process("stub", str(place)))
        target = {"name": "web", **_described(sshd)}
        told, pid = stack.enter_context(_process("gateway", str(place / "gw"), json.dumps([target, stub])))
        ways = {
            "sshd": (
                Host("direct", sshd.port, sshd.login, key=str(sshd.private_key)),
                Host("narrows", told["port"], f"{sshd.login}+web", told["tickets"]["web"]),
            ),
            "stub": (
                Host("direct", int(stub["port"]), "stub", key=stub["private_key"]),
                Host("narrows", told["port"], "stub+stub", told["tickets"]["stub"]),
            ),
        }
        return {
            "exec": _exec(ways["sshd"], itertools.repeat("true"), rounds=rounds, commands=commands),
            "new": _exec(
                ways["sshd"], map("true {}".format, itertools.count()), rounds=rounds, commands=commands
            ),
            "rate": _rate(ways["stub"], pid, rounds=rounds, commands=commands * 5),
            "bulk": _bulk(sshd, ways["sshd"][1], pid, place, rounds=rounds, mebibytes=mebibytes),
        }


def _exec(ways: tuple[Host, ...], texts: Iterator[str], *, rounds: int, commands: int) -> dict[str, Any]:
    """Microseconds of one command after the other, each the next of `texts`."""
    samples: dict[str, list[float]] = {way.name: [] for way in ways}

    async def run(way: Host) -> None:
        async with way.connect() as connection:
            await connection.run("true")
            for _ in range(commands // rounds):
                started = time.perf_counter()
                await connection.run(next(texts), check=True)
                samples[way.name].append((time.perf_counter() - started) * 1e6)

    for _ in range(rounds):
        for way in ways:
            asyncio.run(run(way))
    return {name: quantiles(taken) for name, taken in samples.items()}


def _rate(ways: tuple[Host, ...], pid: int, *, rounds: int, commands: int) -> dict[str, Any]:
    """Commands a second with many at a time, and what one costs the gateway."""
    rates: dict[str, list[float]] = {way.name: [] for way in ways}
    cpu_ms = []

    async def run(way: Host) -> float:
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


def _bulk(sshd: Sshd, through: Host, pid: int, place: Path, *, rounds: int, mebibytes: int) -> dict[str, Any]:
    """Megabytes a second down and up with OpenSSH's client, what they cost, and the gateway's memory."""
    helper = place / "askpass"
    helper.write_text(f"#!/bin/sh\necho {through.password}\n")
    helper.chmod(0o700)
    environment = {**os.environ, "SSH_ASKPASS": str(helper), "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": "x"}
    to_gateway = ["ssh", "-p", str(through.port), *PLAIN, "-l", through.user, "127.0.0.1"]
    commands = {"direct": sshd.direct(), "narrows": to_gateway}
    size = mebibytes * MEBIBYTE
    out: dict[str, Any] = {}
    for direction, command in (("down", f"head -c {size} /dev/zero"), ("up", "cat >/dev/null")):
        rates: dict[str, list[float]] = {name: [] for name in commands}
        cpu_s = []
        for _ in range(rounds):
            for name, ssh in commands.items():
                before, started = processes.cpu_s(pid), time.perf_counter()
                _transfer([*ssh[:1], "-c", CIPHER, *ssh[1:], command], direction, size, environment)
                rates[name].append(size / 1e6 / (time.perf_counter() - started))
                if name == "narrows":
                    cpu_s.append((processes.cpu_s(pid) - before) * 500 / mebibytes)
        ratio = median_ratio(rates["narrows"], rates["direct"])
        out[direction] = {"mb_per_second": rates, "ratio": ratio, "cpu_s_per_500_mib": cpu_s}
    out["peak_mib"] = processes.peak_kib(pid) / 1024
    return out


def _transfer(command: list[str], direction: str, size: int, environment: dict[str, str]) -> None:
    if direction == "down":
        subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment, check=True
        )
        return
    zeros = subprocess.Popen(["head", "-c", str(size), "/dev/zero"], stdout=subprocess.PIPE)
    with zeros:
        subprocess.run(command, stdin=zeros.stdout, env=environment, check=True)


@contextlib.contextmanager
def _process(what: str, *arguments: str) -> Iterator[tuple[dict[str, Any], int]]:
    command = [sys.executable, "-m", "bench.ssh_gateway", what, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if line.startswith(b"{"):
                    yield json.loads(line), process.pid
                    break
        finally:
            process.terminate()


def _described(sshd: Sshd) -> dict[str, str]:
    return {
        "port": str(sshd.port),
        "login": sshd.login,
        "host_key": sshd.host_key,
        "private_key": str(sshd.private_key),
    }

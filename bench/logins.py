"""A storm of connections: how many logins a second, with the token itself and with tickets for it.

Each is a whole TLS 1.3 handshake, the evidence's check, a login upstream (TLS and SCRAM again) and a goodbye.
A ticket is good for one login, so they are minted before, and the logins are made one after the other.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psycopg

from bench.figures import median_ratio
from bench.paths import program

if TYPE_CHECKING:
    from bench.paths import Way
    from narrows.demo.stack import Stack

TPS = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
COUNT = re.compile(r"actually processed: (\d+)")


def measure(ways: list[Way], *, seconds: int, rounds: int) -> dict[str, Any]:
    """Logins a second and processor time per login, eight at a time, each way in turn."""
    runs: dict[str, list[dict[str, float]]] = {way.name: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            runs[way.name].append(_run(way, seconds))
    direct = [run["per_s"] for run in runs["direct"]]
    return {
        name: {
            "per_s": sorted(run["per_s"] for run in of_way)[len(of_way) // 2],
            "cpu_us": sorted(run["cpu_us"] for run in of_way)[len(of_way) // 2],
            "of_direct": median_ratio([run["per_s"] for run in of_way], direct),
        }
        for name, of_way in runs.items()
    }


def with_tickets(way: Way, stack: Stack, *, logins: int) -> dict[str, float]:
    """Logins a second, one after the other, each with a ticket of its own; and processor time per login."""
    tickets = _mint(stack, logins)
    before, started = way.cpu_s(), time.perf_counter()
    for ticket in tickets:
        psycopg.connect(**(way.connection | {"password": ticket})).close()
    took, used = time.perf_counter() - started, way.cpu_s() - before
    return {"per_s": logins / took, "cpu_us": used / logins * 1e6}


def _mint(stack: Stack, count: int) -> list[str]:
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": stack.agent_token(),
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "audience": "orders-db",
    }
    with httpx.Client(base_url=f"https://{stack.addresses['console']}", verify=stack.tls_context()) as client:
        answers = [client.post("/v1/token", data=form).raise_for_status().json() for _ in range(count)]
    return [answer["access_token"] for answer in answers]


def _run(way: Way, seconds: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "script.sql"
        script.write_text("SELECT 1;\n")
        command = [
            program("pgbench"),
            "-n",
            "-C",
            "-f",
            str(script),
            "-c",
            "8",
            "-j",
            "2",
            "-T",
            str(seconds),
        ]
        before = way.cpu_s()
        done = subprocess.run(command, env=way.environment, capture_output=True, text=True, check=False)
        used = way.cpu_s() - before
    tps, count = TPS.search(done.stdout), COUNT.search(done.stdout)
    if done.returncode or tps is None or count is None:
        raise RuntimeError(f"pgbench through {way.name}: {done.stderr[-1500:]}")
    return {"per_s": float(tps[1]), "cpu_us": used / int(count[1]) * 1e6}

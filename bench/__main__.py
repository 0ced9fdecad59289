"""`python -m bench`: every measurement in one run, a table at the end, the raw figures kept."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from rich.console import Console
from tests.cluster.build import Unbuildable

from bench import (
    bulk,
    crossing,
    detectors,
    idle,
    journal,
    kubernetes,
    latency,
    logins,
    objects,
    report,
    ssh,
    transactions,
    wire,
)
from bench.paths import PgBouncer, TrioRelay, Way, direct, narrows, program
from narrows.demo.postgres import POSTGRES_17_TLS
from narrows.demo.sshd import MISSING, is_installed
from narrows.demo.stack import Stack

SCALE = 10
SUITES = (
    "transactions",
    "crossing",
    "bulk",
    "detectors",
    "ssh",
    "kubernetes",
    "latency",
    "logins",
    "ready",
    "idle",
    "journal",
    "wire",
    "objects",
)
IDLE_SESSIONS = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "suites", nargs="*", metavar="suite", help=f"of {', '.join(SUITES)}; all when none is named"
    )
    parser.add_argument(
        "--quick", action="store_true", help="shorter runs: for a first look, not for quoting"
    )
    parser.add_argument("--seconds", type=int, default=3, help="length of one pgbench run, 2 at least")
    parser.add_argument("--rounds", type=int, default=4, help="how often each way is run")
    told = parser.parse_args()
    if unknown := set(told.suites) - set(SUITES):
        parser.error(f"no such suite: {', '.join(sorted(unknown))}")
    seconds, rounds = (2, 1) if told.quick else (max(told.seconds, 2), told.rounds)
    results = run(told.suites or list(SUITES), seconds=seconds, rounds=rounds, quick=told.quick)
    report.show(results)
    Console().print(f"raw figures: {report.keep(results)}")


def run(suites: list[str], *, seconds: int, rounds: int, quick: bool) -> dict[str, Any]:
    """Starts the stack and the comparators and takes the measurements asked for."""
    say = Console(stderr=True).print
    directory = Path(tempfile.mkdtemp(prefix="narrows-bench-"))
    directory.chmod(0o755)
    policy = files("bench").joinpath("policy.toml").read_text()
    results: dict[str, Any] = {}
    if "wire" in suites:
        say("measuring wire")
        results |= _wire()
    if "objects" in suites:
        say("measuring objects")
        results["objects"] = objects.measure(rounds=rounds)
    with Stack(
        directory / "stack", distribution=POSTGRES_17_TLS, policies=policy, schema=bulk.SCHEMA
    ) as stack:
        _fill(stack)
        with PgBouncer(stack, directory / "pgbouncer") as bouncer, TrioRelay(stack) as relay:
            ways = [direct(stack), narrows(stack, stack.agent_token())]
            if bouncer.way is not None:
                ways.append(bouncer.way)
            else:
                say(f"without the comparator: {bouncer.missing}")
            results["missing"] = bouncer.missing
            for suite in (one for one in SUITES if one in suites):
                if suite not in ("idle", "detectors", "ssh", "kubernetes", "journal", "wire", "objects"):
                    say(f"measuring {suite}")
                    results |= _measure(
                        suite, stack, ways, relay, seconds=seconds, rounds=rounds, quick=quick
                    )
    if "idle" in suites:
        say("measuring idle sessions")
        results["idle"] = _idle(directory / "idle", policy, quick=quick)
    if "detectors" in suites:
        say("measuring detectors")
        results["detectors"] = _detectors(directory / "detectors", rounds=rounds)
    if "journal" in suites:
        say("measuring journal")
        results["journal"] = _journal(directory, policy, seconds=seconds, rounds=rounds)
    if "ssh" in suites and not is_installed():
        say(f"without ssh: {MISSING}")
    elif "ssh" in suites:
        say("measuring ssh")
        results["ssh"] = ssh.measure(directory / "ssh", rounds=rounds, quick=quick)
    if "kubernetes" in suites:
        say("measuring kubernetes")
        try:
            results["kubernetes"] = kubernetes.measure(directory / "kubernetes", rounds=rounds, quick=quick)
        except Unbuildable as why:
            say(f"without kubernetes: {why}")
    shutil.rmtree(directory, ignore_errors=True)
    return results


def _journal(directory: Path, policy: str, *, seconds: int, rounds: int) -> dict[str, Any]:
    """On two stacks that differ in durability alone."""
    told: dict[str, Any] = {"alone": journal.alone()}
    synced = '[journal]\ndurability = "fsync"'
    with (
        Stack(
            directory / "written", distribution=POSTGRES_17_TLS, policies=policy, schema=bulk.SCHEMA
        ) as one,
        Stack(
            directory / "synced",
            distribution=POSTGRES_17_TLS,
            policies=policy,
            schema=bulk.SCHEMA,
            extra_config=synced,
        ) as other,
    ):
        for stack in (one, other):
            _fill(stack)
        ways = narrows(one, one.agent_token()), narrows(other, other.agent_token())
        named = ways[0], replace(ways[1], name="narrows with fsync")
        told["load"] = journal.under_load(*named, seconds=seconds, rounds=rounds)
    return told


def _idle(directory: Path, policy: str, *, quick: bool) -> dict[str, Any]:
    """On a stack whose target takes more sessions than a database does."""
    sessions = idle.allowed(IDLE_SESSIONS // 20 if quick else IDLE_SESSIONS)
    policy = policy.replace('"orders-db"', f'"{idle.TARGET}"')
    with (
        Stack(directory, distribution=POSTGRES_17_TLS, policies=policy, schema=bulk.SCHEMA) as stack,
        idle.target(stack.postgres.directory / f".s.PGSQL.{stack.postgres.port}") as target,
    ):
        stack.stop_gateway()
        stack.config.write_text(stack.config.read_text() + target)
        stack.start_gateway()
        way = narrows(stack, stack.agent_token())
        way = replace(way, connection=way.connection | {"dbname": idle.TARGET})
        return idle.measure(way, stack.tls_context(), sessions=sessions)


def _detectors(directory: Path, *, rounds: int) -> dict[str, Any]:
    """On a stack of its own, whose policy looks into every value."""
    policy = files("bench").joinpath("detectors.toml").read_text()
    with Stack(directory, distribution=POSTGRES_17_TLS, policies=policy, schema=detectors.SCHEMA) as stack:
        return detectors.measure([direct(stack), narrows(stack, stack.agent_token())], rounds=rounds)


def _measure(
    suite: str, stack: Stack, ways: list[Way], relay: Way, *, seconds: int, rounds: int, quick: bool
) -> dict[str, Any]:
    if suite == "transactions":
        shapes = transactions.QUICK if quick else transactions.SHAPES
        with_relay = [*ways, relay]
        return {
            "transactions": [
                transactions.measure(with_relay, shape, seconds=seconds, rounds=rounds) for shape in shapes
            ]
        }
    if suite == "crossing":
        return {"crossing": crossing.measure(ways[:2], seconds=seconds, rounds=1 if quick else 2)}
    if suite == "bulk":
        return {"bulk": bulk.measure(ways, bulk.READERS, rounds=rounds)}
    if suite == "latency":
        return {"latency": latency.measure(ways, samples=10 if quick else 50)}
    if suite == "logins":
        told = logins.measure(ways, seconds=seconds, rounds=1 if quick else 2)
        told["narrows with tickets"] = logins.with_tickets(ways[1], stack, logins=50 if quick else 500)
        return {"logins": told}
    return {"ready_s": idle.time_to_ready(stack)}


def _wire() -> dict[str, Any]:
    measured = wire.measure()
    if not measured:
        return {}
    kept = json.loads(wire.KEPT.read_text())["instructions"]
    return {"wire": {"instructions": measured, "kept": kept, "rises": wire.rises(measured, kept)}}


def _fill(stack: Stack) -> None:
    """pgbench's tables."""
    way = direct(stack)
    subprocess.run(
        [program("pgbench"), "-i", "-q", "-s", str(SCALE)],
        env=way.environment,
        capture_output=True,
        check=True,
    )


main()

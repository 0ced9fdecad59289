"""`python -m bench`: every measurement in one run, a table at the end, the raw figures kept."""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

from rich.console import Console

from bench import bulk, detectors, idle, latency, report, transactions
from bench.paths import PgBouncer, Way, direct, narrows, program
from narrows.demo.postgres import POSTGRES_17_TLS
from narrows.demo.stack import Stack

SCALE = 10
SUITES = ("transactions", "bulk", "detectors", "latency", "idle")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "suites", nargs="*", metavar="suite", help=f"of {', '.join(SUITES)}; all when none is named"
    )
    parser.add_argument(
        "--quick", action="store_true", help="shorter runs: for a first look, not for quoting"
    )
    parser.add_argument("--seconds", type=int, default=5, help="length of one pgbench run")
    parser.add_argument("--rounds", type=int, default=5, help="how often each way is run")
    told = parser.parse_args()
    if unknown := set(told.suites) - set(SUITES):
        parser.error(f"no such suite: {', '.join(sorted(unknown))}")
    seconds, rounds = (2, 2) if told.quick else (told.seconds, told.rounds)
    results = run(told.suites or list(SUITES), seconds=seconds, rounds=rounds, quick=told.quick)
    report.show(results)
    Console().print(f"raw figures: {report.keep(results)}")


def run(suites: list[str], *, seconds: int, rounds: int, quick: bool) -> dict[str, Any]:
    """Starts the stack and the comparator and takes the measurements asked for."""
    say = Console(stderr=True).print
    directory = Path(tempfile.mkdtemp(prefix="narrows-bench-"))
    directory.chmod(0o755)
    policy = files("bench").joinpath("policy.toml").read_text()
    with Stack(
        directory / "stack", distribution=POSTGRES_17_TLS, policies=policy, schema=bulk.SCHEMA
    ) as stack:
        _fill(stack)
        with PgBouncer(stack, directory / "pgbouncer") as bouncer:
            ways = [direct(stack), narrows(stack, stack.agent_token())]
            if bouncer.way is not None:
                ways.append(bouncer.way)
            else:
                say(f"without the comparator: {bouncer.missing}")
            results: dict[str, Any] = {"missing": bouncer.missing}
            for suite in [suite for suite in suites if suite != "detectors"]:
                say(f"measuring {suite}")
                results |= _measure(suite, stack, ways, seconds=seconds, rounds=rounds, quick=quick)
    if "detectors" in suites:
        say("measuring detectors")
        results["detectors"] = _detectors(directory / "detectors", rounds=rounds)
    return results


def _detectors(directory: Path, *, rounds: int) -> dict[str, Any]:
    """On a stack of its own, whose policy looks into every value."""
    policy = files("bench").joinpath("detectors.toml").read_text()
    with Stack(directory, distribution=POSTGRES_17_TLS, policies=policy, schema=detectors.SCHEMA) as stack:
        return detectors.measure([direct(stack), narrows(stack, stack.agent_token())], rounds=rounds)


def _measure(
    suite: str, stack: Stack, ways: list[Way], *, seconds: int, rounds: int, quick: bool
) -> dict[str, Any]:
    if suite == "transactions":
        shapes = (
            [(1, "prepared"), (8, "prepared")]
            if quick
            else [(1, "prepared"), (8, "prepared"), (8, "simple"), (64, "prepared")]
        )
        return {
            "transactions": [
                transactions.measure(ways, clients=clients, mode=mode, seconds=seconds, rounds=rounds)
                for clients, mode in shapes
            ]
        }
    if suite == "bulk":
        return {"bulk": bulk.measure(ways, bulk.READERS, rounds=rounds)}
    if suite == "latency":
        return {"latency": latency.measure(ways, samples=200 if quick else 1000)}
    measured = idle.measure(ways[1], stack.tls_context(), sessions=100 if quick else 1000)
    return {"idle": measured, "ready_s": idle.time_to_ready(stack)}


def _fill(stack: Stack) -> None:
    way = direct(stack)
    subprocess.run(
        [program("pgbench"), "-i", "-q", "-s", str(SCALE)],
        env=way.environment,
        capture_output=True,
        check=True,
    )


main()

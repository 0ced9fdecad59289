"""pgbench over each way in turn: transactions a second, latency, and processor time per transaction."""

from __future__ import annotations

import re
import statistics
import subprocess
from typing import TYPE_CHECKING, Any

from bench.paths import program

if TYPE_CHECKING:
    from bench.paths import Way

TPS = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
COUNT = re.compile(r"actually processed: (\d+)")
LATENCY = re.compile(r"latency average = ([0-9.]+) ms")


def measure(ways: list[Way], *, clients: int, mode: str, seconds: int, rounds: int) -> dict[str, Any]:
    """Runs `pgbench -S` for `seconds` on every way, `rounds` times over, one after the other."""
    runs: dict[str, list[dict[str, float]]] = {way.name: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            runs[way.name].append(_run(way, clients, mode, seconds))
    summary = {
        name: {key: statistics.median(run[key] for run in of_way) for key in of_way[0]}
        for name, of_way in runs.items()
    }
    return {"clients": clients, "mode": mode, "runs": runs, "median": summary, "ratios": _ratios(runs)}


def _run(way: Way, clients: int, mode: str, seconds: int) -> dict[str, float]:
    command = [program("pgbench"), "-n", "-S", "-M", mode, "-c", str(clients)]
    command += ["-j", str(min(clients, 2)), "-T", str(seconds)]
    before = way.cpu_s()
    done = subprocess.run(command, env=way.environment, capture_output=True, text=True, check=False)
    used = way.cpu_s() - before
    tps, count, latency = TPS.search(done.stdout), COUNT.search(done.stdout), LATENCY.search(done.stdout)
    if done.returncode or tps is None or count is None or latency is None:
        raise RuntimeError(f"pgbench through {way.name}: {done.stderr[-1500:]}")
    return {
        "tps": float(tps[1]),
        "latency_us": float(latency[1]) * 1000,
        "cpu_us_per_transaction": used / int(count[1]) * 1e6,
    }


def _ratios(runs: dict[str, list[dict[str, float]]]) -> dict[str, float]:
    """Narrows against each other way, round by round, so that the machine's drift cancels out."""
    ours = runs["narrows"]
    return {
        name: statistics.median(mine["tps"] / other["tps"] for mine, other in zip(ours, theirs, strict=True))
        for name, theirs in runs.items()
        if name != "narrows"
    }

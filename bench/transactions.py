"""pgbench over each way in turn: transactions a second, latency, and processor time per transaction."""

from __future__ import annotations

import contextlib
import re
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.figures import median_ratio, quantiles
from bench.paths import program

if TYPE_CHECKING:
    from bench.paths import Way

PROGRESS = re.compile(r"progress: ([0-9.]+) s, ([0-9.]+) tps")
TPS = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
COUNT = re.compile(r"actually processed: (\d+)")

SAMPLED = 0.2
"""The share of transactions whose latency is logged."""
RETRIES_MAX = 3
HOLD_S = 0.03
"""How long each client holds its session before a measurement, per client."""
PIPELINED = 100
INSERTS = (
    "\\startpipeline\n"
    + "INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (1, 1, 1, 1, now());\n" * PIPELINED
    + "\\endpipeline\n"
)


class Stalled(RuntimeError):
    """Not one transaction ended."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of load."""

    name: str
    clients: int
    mode: str
    script: str = "select-only"
    """A built-in script of pgbench, or its own text."""


SHAPES = (
    Shape("select-only prepared", 1, "prepared"),
    Shape("select-only prepared", 8, "prepared"),
    Shape("select-only prepared", 64, "prepared"),
    Shape("select-only simple", 8, "simple"),
    Shape("select-only extended", 8, "extended"),
    Shape("TPC-B prepared", 8, "prepared", "tpcb-like"),
    Shape(f"{PIPELINED} pipelined inserts", 8, "prepared", INSERTS),
)
QUICK = SHAPES[:3]


def measure(ways: list[Way], shape: Shape, *, seconds: int, rounds: int) -> dict[str, Any]:
    """Runs pgbench for `seconds` on every way, `rounds` times over, one after the other."""
    runs: dict[str, list[dict[str, float]]] = {way.name: [] for way in ways}
    for way in ways:
        _warm_up(way, shape)
    for _ in range(rounds):
        for way in ways:
            runs[way.name].append(_answered(way, shape, seconds))
    ours = [run["tps"] for run in runs["narrows"]]
    return {
        "name": shape.name,
        "clients": shape.clients,
        "runs": runs,
        "median": {
            name: {key: statistics.median(run[key] for run in of_way) for key in of_way[0]}
            for name, of_way in runs.items()
        },
        "ratios": {
            name: median_ratio(ours, [run["tps"] for run in of_way])
            for name, of_way in runs.items()
            if name != "narrows"
        },
    }


def _warm_up(way: Way, shape: Shape) -> None:
    """Has as many sessions open at once as will be: pgbouncer opens its connections one after the other, when
    it first needs them, and keeps them.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(f"SELECT pg_sleep({HOLD_S * shape.clients});\n")
        script.flush()
        command = [program("pgbench"), "-n", "-f", script.name, "-c", str(shape.clients), "-t", "1"]
        subprocess.run(command, env=way.environment, capture_output=True, check=True)


def _answered(way: Way, shape: Shape, seconds: int) -> dict[str, float]:
    """A run in which the way answered anything at all.

    pgbench waits for one client's prepared statement at a time, so a comparator that keeps one client waiting
    for a connection stands still with all of them; such a run measures nothing and is taken again.
    """
    for _ in range(RETRIES_MAX):
        with contextlib.suppress(Stalled):
            return _run(way, shape, seconds)
    return _run(way, shape, seconds)


def _run(way: Way, shape: Shape, seconds: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        command = [program("pgbench"), "-n", "-M", shape.mode, "-c", str(shape.clients), "-P", "1"]
        command += ["-j", str(min(shape.clients, 2)), "-T", str(seconds)]
        command += ["-l", "--log-prefix", f"{folder}/log", "--sampling-rate", str(SAMPLED)]
        if "\n" in shape.script:
            script = Path(folder) / "script.sql"
            script.write_text(shape.script)
            command += ["-f", str(script)]
        else:
            command += ["-b", shape.script]
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, env=way.environment, stdout=pipe, stderr=pipe, text=True)
        # What the logins cost is over by the first second's report, and is counted for nobody.
        first = process.stderr.readline() if process.stderr else ""
        before = way.cpu_s()
        out, errors = process.communicate()
        used = way.cpu_s() - before
        progress, tps, count = PROGRESS.search(first), TPS.search(out), COUNT.search(out)
        if count is not None and int(count[1]) == 0:
            raise Stalled(f"{way.name} answered nothing in {seconds} s")
        if process.returncode or progress is None or tps is None or count is None:
            raise RuntimeError(f"pgbench through {way.name}: {(first + errors)[-1500:]}")
        counted = int(count[1]) - float(progress[1]) * float(progress[2])
        logs = [log.read_text().splitlines() for log in Path(folder).glob("log*")]
    latency = quantiles([float(line.split()[2]) for lines in logs for line in lines])
    return {
        "tps": float(tps[1]),
        "p50_us": latency["p50"],
        "p99_us": latency["p99"],
        "max_us": latency["max"],
        "cpu_us_per_transaction": used / max(counted, 1.0) * 1e6,
    }

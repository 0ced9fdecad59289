"""pgbench over each way in turn: transactions a second, latency, and processor time per transaction."""

from __future__ import annotations

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
WARM_UP_S = 1
PIPELINED = 100
INSERTS = (
    "\\startpipeline\n"
    + "INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (1, 1, 1, 1, now());\n" * PIPELINED
    + "\\endpipeline\n"
)


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
        _run(way, shape, WARM_UP_S)  # pgbouncer opens its connections when it first needs them
    for _ in range(rounds):
        for way in ways:
            runs[way.name].append(_run(way, shape, seconds))
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

"""The table that a run ends with, and the raw JSON that it keeps."""

from __future__ import annotations

import json
import platform
import subprocess
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"


def keep(results: dict[str, Any]) -> Path:
    """Writes the raw figures with the machine and the commit they belong to."""
    RESULTS.mkdir(exist_ok=True)
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    document = {
        "commit": commit.stdout.strip(),
        "machine": machine(),
        "time": time.time(),
        "results": results,
    }
    path = RESULTS / f"{time.strftime('%Y%m%d-%H%M%S')}.json"
    path.write_text(json.dumps(document, indent=1))
    return path


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    cpuinfo = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in cpuinfo if line.startswith("model name")), "")
    return {
        "cpu": model,
        "cores": cpuinfo.count("") or 1,
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def show(results: dict[str, Any]) -> None:
    """Prints the summary: expectation, figure, and whether it was met."""
    table = Table(title="Narrows: policy, masking and journal on; TLS on every leg")
    for column in ("what", "expected", "measured", "beside it", ""):
        table.add_column(column)
    for row in rows(results):
        what, expected, measured, beside, met = row
        mark = "" if met is None else "[green]met[/green]" if met else "[red]missed[/red]"
        table.add_row(what, expected, measured, beside, mark)
    Console(width=130).print(table)


def rows(results: dict[str, Any]) -> list[tuple[str, str, str, str, bool | None]]:
    """One row per figure that has an expectation."""
    told: list[tuple[str, str, str, str, bool | None]] = []
    for run in results.get("transactions", []):
        told.extend(_transactions(run))
    if bulk := results.get("bulk"):
        for format_, figures in bulk.items():
            ratio = figures["ratios"]["direct"]
            growth = figures["memory_growth_kib"] / 1024
            bouncer = figures["ratios"].get("pgbouncer")
            beside = f"{bouncer:.2f} × pgbouncer" if bouncer else ""
            told.append(
                (
                    f"500,000 rows, 2 of 4 masked, {format_}",
                    "≤ 1.25 × direct",
                    f"{ratio:.2f} ×",
                    beside,
                    ratio <= 1.25,
                )
            )
            told.append((f"memory during it, {format_}", "< 64 MiB", f"{growth:.0f} MiB", "", growth < 64))
    for format_, figures in results.get("detectors", {}).items():
        ratio = figures["ratios"]["direct"]
        what = f"500,000 rows, 6 detectors on 4 columns, {format_}"
        told.append((what, "≤ 1.5 × direct", f"{ratio:.2f} ×", "", ratio <= 1.5))
    if latency := results.get("latency"):
        told.extend(_latency(latency))
    if idle := results.get("idle"):
        each = idle["kib_per_session"]
        told.append((f"{idle['sessions']} idle sessions", "≤ 64 KiB each", f"{each:.0f} KiB", "", each <= 64))
    if ready := results.get("ready_s"):
        told.append(("narrows serve ready", "< 1 s", f"{ready:.2f} s", "", ready < 1))
    return told


def _transactions(run: dict[str, Any]) -> list[tuple[str, str, str, str, bool | None]]:
    what = f"pgbench -S -M {run['mode']}, {run['clients']} clients"
    median = run["median"]
    costs = ", ".join(
        f"{name} {of['cpu_us_per_transaction']:.1f} µs" for name, of in median.items() if name != "direct"
    )
    rates = ", ".join(f"{name} {of['tps']:,.0f}" for name, of in median.items())
    told: list[tuple[str, str, str, str, bool | None]] = []
    if run["clients"] == 1:
        added = median["narrows"]["latency_us"] - median["direct"]["latency_us"]
        told.append((f"{what}: added", "≤ 30 µs", f"{added:.0f} µs", rates, added <= 30))
        return told
    direct, bouncer = run["ratios"]["direct"], run["ratios"].get("pgbouncer")
    told.append((what, "≥ 0.42 × direct", f"{direct:.2f} ×", rates, direct >= 0.42))
    if bouncer is not None:
        told.append((what, "≥ 0.9 × pgbouncer", f"{bouncer:.2f} ×", f"CPU per tx: {costs}", bouncer >= 0.9))
    return told


def _latency(latency: dict[str, Any]) -> list[tuple[str, str, str, str, bool | None]]:
    def added(kind: str) -> float:
        ours, direct = latency[kind]["narrows"]["p50_us"], latency[kind]["direct"]["p50_us"]
        return float(ours - direct)

    first_row, first_seen, cached = added("first_row"), added("first_seen"), added("cached")
    login = latency["login"]["narrows"]["p50_us"]
    direct_login = latency["login"]["direct"]["p50_us"]
    return [
        (
            "first row of a slow query: added p50",
            "≤ 2 ms",
            f"{first_row / 1000:.2f} ms",
            "",
            first_row <= 2000,
        ),
        (
            "first-seen statement: added p50",
            "≤ 300 µs",
            f"{first_seen:.0f} µs",
            f"p99 {latency['first_seen']['narrows']['p99_us']:.0f} µs in all",
            first_seen <= 300,
        ),
        ("cached statement: added p50", "", f"{cached:.0f} µs", "", None),
        (
            "login with a cached token p50",
            "",
            f"{login / 1000:.1f} ms",
            f"direct {direct_login / 1000:.1f} ms",
            None,
        ),
    ]

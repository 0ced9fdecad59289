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

from bench.expectations import rows

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
        mark = "" if row.met is None else "[green]met[/green]" if row.met else "[red]missed[/red]"
        table.add_row(row.what, row.expected, row.measured, row.beside, mark)
    Console(width=150).print(table)

"""What the journal costs: by itself, per core; as a share of a transaction; and with a wait for fsync."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import transactions
from bench.figures import median_ratio

if TYPE_CHECKING:
    from bench.paths import Way

ROOT = Path(__file__).parent.parent
SHAPE = transactions.Shape("select-only prepared", 8, "prepared")


def alone() -> dict[str, float]:
    """Figures of the example program `cost`; empty where cargo is missing."""
    if not shutil.which("cargo"):
        return {}
    build = ["cargo", "build", "--quiet", "--release", "-p", "narrows-journal", "--example", "cost"]
    subprocess.run(build, cwd=ROOT, check=True)
    done = subprocess.run(
        [str(ROOT / "target/release/examples/cost")], capture_output=True, text=True, check=True
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def under_load(written: Way, synced: Way, *, seconds: int, rounds: int) -> dict[str, Any]:
    """pgbench through a gateway that writes and one that syncs, in turn."""
    run = transactions.measure([written, synced], SHAPE, seconds=seconds, rounds=rounds)
    tps = {name: [each["tps"] for each in runs] for name, runs in run["runs"].items()}
    return {
        "runs": run["runs"],
        "fsync_ratio": median_ratio(tps[synced.name], tps[written.name]),
        "cpu_us_per_transaction": statistics.median(
            each["cpu_us_per_transaction"] for each in run["runs"][written.name]
        ),
    }

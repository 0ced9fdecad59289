"""Instructions that the inspector spends on a message: a count, not a time, so that CI can hold it.

`bench/wire.json` keeps the counts. A rise above 5 % fails; `python -m bench.wire --update NOTE` takes the
new counts over, with a note on why they are what they are. Another compiler makes other code, so counts of
two are not compared; that is said, as it is when valgrind is missing, and nothing fails.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
KEPT = Path(__file__).parent / "wire.json"
SCENARIOS = ("prepared", "simple", "rows", "masked-rows", "copy-text", "copy-csv", "api-call")
ROUNDS = (400, 1200)
RISE_MAX = 0.05
REFERENCES = re.compile(r"I\s+refs:\s+([\d,]+)")


def measure() -> dict[str, float]:
    """Instructions per message and scenario."""
    build = ["cargo", "build", "--quiet", "--release", "-p", "narrows-wire", "--example", "messages"]
    subprocess.run(build, cwd=ROOT, check=True)
    return {scenario: _per_message(scenario) for scenario in SCENARIOS}


def compiler() -> str:
    """Which compiler makes the code that is counted."""
    return subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.strip()


def rises(measured: dict[str, float], kept: dict[str, float]) -> dict[str, float]:
    """The scenarios that cost more than they may, and by what fraction more than before."""
    changes = {name: count / kept[name] - 1 for name, count in measured.items() if name in kept}
    return {name: change for name, change in changes.items() if change > RISE_MAX}


def _per_message(scenario: str) -> float:
    """Two runs of different length: the start of the process is in both and cancels out."""
    (few, messages), (many, _) = (_instructions(scenario, rounds) for rounds in ROUNDS)
    return round((many - few) / (ROUNDS[1] - ROUNDS[0]) / messages, 1)


def _instructions(scenario: str, rounds: int) -> tuple[int, int]:
    command = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    command += [str(ROOT / "target/release/examples/messages"), scenario, str(rounds)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    counted = REFERENCES.search(done.stderr)
    if counted is None:
        raise RuntimeError(f"valgrind counted nothing: {done.stderr[-500:]}")
    return int(counted[1].replace(",", "")), int(done.stdout)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.wire", description=__doc__)
    parser.add_argument(
        "--update", metavar="NOTE", help="keep the new counts, and why they are what they are"
    )
    told = parser.parse_args()
    if not shutil.which("valgrind"):
        print("instructions not counted: valgrind is missing (apt-get install valgrind)", file=sys.stderr)
        return 1 if told.update else 0
    here, known = compiler(), json.loads(KEPT.read_text())
    if not told.update and here != known["compiler"]:
        print(f"instructions not compared: {here} here, {known['compiler']} for those kept", file=sys.stderr)
        return 0
    measured, kept = measure(), known["instructions"]
    for name, count in measured.items():
        change = f"{count / kept[name] - 1:+.1%}" if name in kept else "new"
        print(f"{name:12} {count:9,.1f} instructions a message ({change})")
    if told.update:
        known = {"note": told.update, "compiler": here, "instructions": measured}
        KEPT.write_text(json.dumps(known, indent=2) + "\n")
        return 0
    too_much = rises(measured, kept)
    for name, rise in too_much.items():
        print(f"{name} rose by {rise:.1%}, more than {RISE_MAX:.0%}", file=sys.stderr)
    return 1 if too_much else 0


if __name__ == "__main__":
    sys.exit(main())

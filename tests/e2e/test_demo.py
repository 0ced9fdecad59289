"""The demo is the main job; if it breaks, nothing else matters."""

from __future__ import annotations

import subprocess
import sys


def test_demo_meets_its_expectations() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "narrows", "demo"], capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "expectations met" in done.stdout

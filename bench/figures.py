"""Numbers from samples."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def quantiles(samples: Sequence[float]) -> dict[str, float]:
    """Median, 99th percentile, maximum and number of samples, in their own unit."""
    if not samples:
        raise RuntimeError("nothing was measured: the machine is too busy, or the runs are too short")
    ordered = sorted(samples)
    return {
        "p50": statistics.median(ordered),
        "p99": ordered[min(int(len(ordered) * 0.99), len(ordered) - 1)],
        "max": ordered[-1],
        "count": len(ordered),
    }


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios, round by round, so that the machine's drift cancels out."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))

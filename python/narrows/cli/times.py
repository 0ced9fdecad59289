"""Times as people type them."""

from __future__ import annotations

import argparse
import re
import time
from datetime import UTC, datetime

UNIT_S = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def moment_us(text: str) -> int:
    """Microseconds since 1970 of `2d` (ago), `2026-11-24` or `2026-11-24T10:00`, UTC unless it says more."""
    if ago := re.fullmatch(r"(\d{1,6})([smhdw])", text):
        return int((time.time() - int(ago[1]) * UNIT_S[ago[2]]) * 1_000_000)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text} is no time; write 2d, 2026-11-24 or 2026-11-24T10:00"
        ) from None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    if at.year < 1970:
        raise argparse.ArgumentTypeError("times start in 1970")
    return int(at.timestamp() * 1_000_000)


def offset_us(text: str) -> int:
    """Microseconds of `90`, `12.5`, `1:30` or `1:02:03.5`: a time into a recording."""
    found = re.fullmatch(r"(?:(?:(\d{1,4}):)?(\d{1,4}):)?(\d{1,8}(?:\.\d{1,6})?)", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text} is no time into a recording; write seconds or 1:02:03")
    hours, minutes, seconds = found.groups(default="0")
    return int((int(hours) * 3_600 + int(minutes) * 60 + float(seconds)) * 1_000_000)

"""A recording as a page shows it: what was said, what was decided, and each result as one table."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from narrows.recordings.left_out import sentence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from narrows.recordings.reading import Numbered
    from narrows.recordings.transcript import Moment

ROWS_SHOWN_MAX = 100
"""Of one result; `narrows replay` shows all."""
PART_OF_RESULT = frozenset({"masked", "columns", "row", "left-out", "result"})


@dataclass(slots=True)
class Entry:
    """One line of the timeline."""

    number: int
    """Of its first moment, counted from the recording's start."""
    seconds: float
    """Since the recording's start."""
    kind: str
    detail: dict[str, Any]
    columns: list[str] = field(default_factory=list)
    rows: list[list[str | None]] = field(default_factory=list)
    rows_count: int = 0
    masked: int = 0
    """Values masked in it."""
    left_out: str = ""
    """What the recording has of rows that it keeps no copy of."""
    took_s: float | None = None
    """From the statement to its result, where both are on the page."""
    tag: str = ""

    @property
    def anchor(self) -> str:
        """What a link to this moment ends in."""
        return f"m{self.number}"

    @property
    def shown_at(self) -> str:
        """Seconds since the recording's start at which a player has shown it, to the millisecond."""
        return f"{math.ceil(self.seconds * 1000) / 1000:.3f}"


def timeline(moments: Iterable[Numbered], opened_us: int) -> list[Entry]:
    """A part of a recording.

    Args:
        moments: What happened.
        opened_us: When the recording starts, in microseconds since 1970.
    """
    entries: list[Entry] = []
    asked: dict[int, float] = {}
    for one in moments:
        moment = one.moment
        seconds = max(0, moment.time_us - opened_us) / 1_000_000
        if moment.event == "statement" and moment.operation is not None:
            asked[moment.operation] = seconds
        if moment.event in PART_OF_RESULT and "channel" not in moment.detail:
            _add_to_result(entries, one.number, seconds, moment, asked)
        else:
            entries.append(Entry(one.number, seconds, moment.event, moment.detail))
    return entries


def _add_to_result(
    entries: list[Entry], number: int, seconds: float, moment: Moment, asked: dict[int, float]
) -> None:
    """Columns, rows and the end of a result belong together until the end has come."""
    if not entries or entries[-1].kind != "result" or entries[-1].tag:
        entries.append(Entry(number, seconds, "result", {}))
    entry = entries[-1]
    match moment.event:
        case "masked":
            entry.masked += moment.detail["values"]
        case "columns":
            entry.columns = moment.detail["names"]
        case "row":
            entry.rows_count += 1
            if len(entry.rows) < ROWS_SHOWN_MAX:
                entry.rows.append(moment.detail["values"])
        case "left-out":
            entry.left_out = sentence(moment.detail)
        case "result":
            entry.tag = moment.detail["tag"] or "done"
            if moment.operation in asked:
                entry.took_s = seconds - asked[moment.operation]

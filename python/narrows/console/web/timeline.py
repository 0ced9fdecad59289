"""A recording as a page shows it: what was said, what was decided, and each result as one table."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from narrows.recordings import Moment

MOMENTS_MAX = 2_000
"""Of one page; the next page starts where it ends."""
ROWS_SHOWN_MAX = 100
"""Of one result; `narrows replay` shows all."""
PART_OF_RESULT = frozenset({"columns", "row", "result"})


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
    tag: str = ""

    @property
    def anchor(self) -> str:
        """What a link to this moment ends in, unique on its page."""
        return f"t={self.seconds:.6f}"


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a recording."""

    entries: list[Entry]
    start: int
    following: int | None
    """Where the next page starts; None when this is the last one."""


def timeline(moments: Iterable[Moment], start: int = 0) -> Page:
    """A page of a recording.

    Args:
        moments: What happened.
        start: The first moment's number.
    """
    remaining = iter(moments)
    first = next(remaining, None)
    if first is None:
        return Page([], start, None)
    numbered = enumerate(_chain(first, remaining))
    shown = list(islice(numbered, start, start + MOMENTS_MAX))
    entries: list[Entry] = []
    taken: set[str] = set()
    for number, moment in shown:
        seconds = (moment.time_us - first.time_us) / 1_000_000
        if moment.event in PART_OF_RESULT:
            _add_to_result(entries, number, seconds, moment)
        else:
            entries.append(Entry(number, seconds, moment.event, moment.detail))
        if entries[-1].number == number:
            while entries[-1].anchor in taken:
                entries[-1].seconds += 0.000001
            taken.add(entries[-1].anchor)
    more = next(numbered, None)
    return Page(entries, start, more[0] if more else None)


def _chain(first: Moment, rest: Iterator[Moment]) -> Iterator[Moment]:
    yield first
    yield from rest


def _add_to_result(entries: list[Entry], number: int, seconds: float, moment: Moment) -> None:
    """Columns, rows and the end of a result belong together until the end has come."""
    if not entries or entries[-1].kind != "result" or entries[-1].tag:
        entries.append(Entry(number, seconds, "result", {}))
    entry = entries[-1]
    match moment.event:
        case "columns":
            entry.columns = moment.detail["names"]
        case "row":
            entry.rows_count += 1
            if len(entry.rows) < ROWS_SHOWN_MAX:
                entry.rows.append(moment.detail["values"])
        case "result":
            entry.tag = moment.detail["tag"] or "done"

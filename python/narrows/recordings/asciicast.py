"""An SSH session, or an exec in a cluster, as an asciicast, which terminal players show.

The format is asciinema's, in version 3 or 2.

Version 3 (docs.asciinema.org/manual/asciicast/v3) says how long after the one before an event happened, and
how it all ended; version 2 (…/v2) how long after the start. Commands and decisions are markers, a player's
chapters.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from narrows.errors import RecordingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from narrows.recordings.transcript import Moment

VERSIONS = (3, 2)
PROTOCOLS = frozenset({"ssh", "kubernetes"})
COLUMNS, ROWS = 80, 24
"""Of a session that never says how large its terminal is, or has none."""

BARE_LINE_END = re.compile(r"(?<!\r)\n")
MICROSECONDS = 1_000_000


class Event(NamedTuple):
    """One thing that a terminal player knows of, with its code in the format."""

    time_us: int
    """Microseconds since 1970."""
    code: str
    """`o` shown, `i` typed, `r` resized, `m` a marker."""
    data: str


class Terminal:
    """Makes a terminal's events of a session's moments, one after the other from its opening on."""

    def __init__(self) -> None:
        self.status: int | None = None
        """How the last command ended, where it has."""
        self._on_terminal: set[int | None] = set()
        """Channels whose lines end as terminals want them; None for the one process of an exec."""

    def events(self, moment: Moment) -> Iterator[Event]:
        """What a moment adds."""
        detail = moment.detail
        match moment.event:
            case "command" | "forward" | "transfer" | "call":
                if detail.get("terminal"):
                    self._on_terminal.add(detail.get("channel"))
                text = detail.get("command") or detail["text"]
                yield Event(moment.time_us, "m", f"{moment.event}: {text}")
            case "decision":
                yield Event(moment.time_us, "m", f"{detail['effect']}: {detail.get('rule', '')}")
            case "input":
                yield Event(moment.time_us, "i", detail["text"])
            case "output" | "errors":
                yield Event(moment.time_us, "o", self._shown(detail))
            case "resized":
                yield Event(moment.time_us, "r", f"{detail['columns']}x{detail['rows']}")
            case "exit":
                self.status = detail.get("status")

    def _shown(self, detail: dict[str, Any]) -> str:
        text: str = detail["text"]
        return text if detail.get("channel") in self._on_terminal else BARE_LINE_END.sub("\r\n", text)


def asciicast(moments: Iterable[Moment], *, version: int = 3, title: str = "") -> Iterator[str]:
    """The lines of the file, each without its end.

    Args:
        moments: What happened, from the session's opening on.
        version: One of `VERSIONS`.
        title: What the recording's own title begins with.

    Raises:
        RecordingError: It is neither an SSH session nor one of a cluster.
    """
    terminal, since_us = Terminal(), 0
    for moment in moments:
        if moment.event == "open":
            since_us = moment.time_us
            yield header_line(moment, version, title)
        for event in terminal.events(moment):
            yield event_line(event, since_us)
            if version == 3:  # which counts from one event to the next
                since_us = max(event.time_us, since_us)
    if version == 3 and terminal.status is not None:
        yield _line([0.0, "x", str(terminal.status)])


def has_terminal(opened: Moment) -> bool:
    """Whether a session that was opened so can have what a terminal shows."""
    return opened.detail.get("protocol") in PROTOCOLS


def header_line(opened: Moment, version: int, title: str = "") -> str:
    """The file's first line, with the same title. Raises RecordingError as `asciicast`."""
    if not has_terminal(opened):
        raise RecordingError("only SSH sessions and those of clusters have what a terminal shows")
    detail = opened.detail
    size: dict[str, Any] = (
        {"width": COLUMNS, "height": ROWS} if version == 2 else {"term": {"cols": COLUMNS, "rows": ROWS}}
    )
    place = "@".join(part for part in (detail.get("login"), detail.get("target")) if part)
    title += f"{place}, session {detail.get('session', '')}"
    timestamp = opened.time_us // MICROSECONDS
    return _line({"version": version, **size, "timestamp": timestamp, "title": title})


def event_line(event: Event, since_us: int) -> str:
    """An event's line, dated from a time in microseconds since 1970."""
    return _line([max(event.time_us - since_us, 0) / MICROSECONDS, event.code, event.data])


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)

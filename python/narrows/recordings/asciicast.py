"""An SSH session, or an exec in a cluster, as an asciicast, which terminal players show.

The format is asciinema's, in version 3 or 2.

Version 3 (docs.asciinema.org/manual/asciicast/v3) says how long after the one before an event happened, and
how it all ended; version 2 (…/v2) how long after the start. Commands and decisions are markers, a player's
chapters.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

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


def asciicast(moments: Iterable[Moment], *, version: int = 3, title: str = "") -> Iterator[str]:
    """The lines of the file, each without its end.

    Args:
        moments: What happened, from the session's opening on.
        version: One of `VERSIONS`.
        title: What the recording's own title begins with.

    Raises:
        RecordingError: It is neither an SSH session nor one of a cluster.
    """
    cast = _Cast(version, title)
    for moment in moments:
        yield from cast.lines(moment)
    yield from cast.end()


class _Cast:
    """What has been written, as far as later lines depend on it."""

    def __init__(self, version: int, title: str) -> None:
        self._version = version
        self._title = title
        self._since_us = 0
        """Events are dated from here."""
        self._on_terminal: set[int | None] = set()
        """Channels whose lines end as terminals want them; None for the one process of an exec."""
        self._status: int | None = None

    def lines(self, moment: Moment) -> Iterator[str]:
        """What a moment adds."""
        detail = moment.detail
        match moment.event:
            case "open":
                yield self._header(moment)
            case "command" | "forward" | "transfer" | "call":
                if detail.get("terminal"):
                    self._on_terminal.add(detail.get("channel"))
                text = detail.get("command") or detail["text"]
                yield self._event(moment.time_us, "m", f"{moment.event}: {text}")
            case "decision":
                yield self._event(moment.time_us, "m", f"{detail['effect']}: {detail.get('rule', '')}")
            case "input":
                yield self._event(moment.time_us, "i", detail["text"])
            case "output" | "errors":
                yield self._event(moment.time_us, "o", self._shown(detail))
            case "resized":
                yield self._event(moment.time_us, "r", f"{detail['columns']}x{detail['rows']}")
            case "exit":
                self._status = detail.get("status")

    def end(self) -> Iterator[str]:
        """How the last command ended, which only version 3 can say."""
        if self._version == 3 and self._status is not None:
            yield _line([0.0, "x", str(self._status)])

    def _header(self, opened: Moment) -> str:
        detail = opened.detail
        if detail.get("protocol") not in PROTOCOLS:
            raise RecordingError("only SSH sessions and those of clusters have what a terminal shows")
        self._since_us = opened.time_us
        size: dict[str, Any] = (
            {"width": COLUMNS, "height": ROWS}
            if self._version == 2
            else {"term": {"cols": COLUMNS, "rows": ROWS}}
        )
        place = "@".join(part for part in (detail.get("login"), detail.get("target")) if part)
        title = f"{self._title}{place}, session {detail.get('session', '')}"
        timestamp = opened.time_us // MICROSECONDS
        return _line({"version": self._version, **size, "timestamp": timestamp, "title": title})

    def _event(self, time_us: int, code: str, data: str) -> str:
        seconds = max(time_us - self._since_us, 0) / MICROSECONDS
        if self._version == 3:
            self._since_us = max(time_us, self._since_us)
        return _line([seconds, code, data])

    def _shown(self, detail: dict[str, Any]) -> str:
        text: str = detail["text"]
        return text if detail.get("channel") in self._on_terminal else BARE_LINE_END.sub("\r\n", text)


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)

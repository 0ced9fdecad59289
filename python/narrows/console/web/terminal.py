"""What a terminal showed, played: an SSH session or an exec in a cluster, or one that still goes on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.responses import StreamingResponse

from narrows.console.errors import ApiError
from narrows.console.recordings import session_in
from narrows.console.web.guard import login_of
from narrows.console.web.headers import WITH_WEBASSEMBLY
from narrows.console.web.live import kept_live, refuse_when_full
from narrows.console.web.pages import render
from narrows.console.web.site import site_of
from narrows.recordings.asciicast import (
    COLUMNS,
    MICROSECONDS,
    ROWS,
    Terminal,
    event_line,
    has_terminal,
    header_line,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from narrows.gateway.recordings import Page
    from narrows.recordings.asciicast import Event
    from narrows.recordings.growing import Growing
    from narrows.recordings.reading import Numbered

PART_MAX = 1_000
"""Moments that are read at a time."""
CAST_BYTES_MAX = 32 * 1024 * 1024
"""Of what one page plays; a browser holds all of it."""
SCREEN_CHARACTERS_MAX = 256 * 1024
"""Of what was shown before somebody began to watch a running session: more than any screen holds."""
CUT = f"The first {CAST_BYTES_MAX // 2**20} MiB are played; `narrows replay --asciicast` has all of it."


async def show(request: Request) -> Response:
    """The player of a recording, or of the session that is being recorded."""
    page = await _part(request, 0, 1)
    if not has_terminal(page.moments[0].moment):
        raise ApiError(404, "not-found", "This session had no terminal.", "Its recording is a timeline.")
    answer = render(request, "terminal", session=page.session)
    answer.headers["Content-Security-Policy"] = WITH_WEBASSEMBLY
    return answer


async def cast(request: Request) -> Response:
    """The recording as an asciicast of version 2, from its start to what is written by now."""
    first = await _part(request, 0, PART_MAX)  # so that what cannot be read is answered, and not begun
    header = header_line(first.moments[0].moment, 2)
    return StreamingResponse(_lines(request, header, first), media_type="application/x-asciicast")


async def live(request: Request) -> Response:
    """A session that goes on, for the player's own protocol of events: its screen now, then what happens."""
    refuse_when_full(request)
    here = site_of(request).operations.recordings
    growing = await here.follow(login_of(request).principal, session_in(request), 0)
    return StreamingResponse(_watched(request, growing), media_type="text/event-stream")


async def _part(request: Request, start: int, most: int) -> Page:
    """Moments of the recording that is asked for; that they were read is noted."""
    here = site_of(request).operations.recordings
    return await here.page(login_of(request).principal, session_in(request), start, most)


async def _lines(request: Request, header: str, part: Page) -> AsyncIterator[str]:
    terminal, left = Terminal(), CAST_BYTES_MAX
    yield header + "\n"
    while True:
        for event in _events(terminal, part.moments):
            line = event_line(event, part.session.opened_us)
            left -= len(line)
            if left < 0:
                event = event._replace(code="o", data=f"\r\n\r\n{CUT}\r\n")
                yield event_line(event, part.session.opened_us) + "\n"
                return
            yield line + "\n"
        if part.following is None:
            return
        part = await _part(request, part.following, PART_MAX)


async def _watched(request: Request, growing: Growing) -> AsyncIterator[str]:
    """The screen as it is, then every event as it comes; `done` when the session is over."""
    here, watching = site_of(request).operations.recordings, _Watching()
    with kept_live(request) as stream:
        while await stream.goes_on():
            found = await here.more(growing)
            for data in watching.told(found, is_current=growing.is_current or growing.is_over):
                yield stream.said(f"data: {data}\n\n")
            if growing.is_over:
                yield "event: done\ndata: over\n\n"
                return
            if beat := stream.heartbeat:
                yield beat


class _Watching:
    """What somebody who began to watch is told: the screen first, which is what was shown before."""

    def __init__(self) -> None:
        self._terminal = Terminal()
        self._opened_us = self._now_us = 0
        self._size = (COLUMNS, ROWS)
        self._shown = ""
        self._has_screen = False

    def told(self, found: list[Numbered], *, is_current: bool) -> Iterator[str]:
        """JSON texts for what has come since; nothing until all that was written before is read."""
        for one in found:
            if one.moment.event == "open":
                self._opened_us = one.moment.time_us
        for event in _events(self._terminal, found):
            if self._has_screen:
                yield event_line(event, self._opened_us)
            else:
                self._draw(event)
        if is_current and not self._has_screen:
            self._has_screen = True
            yield self._screen()

    def _draw(self, event: Event) -> None:
        self._now_us = event.time_us
        if event.code == "o":
            self._shown = (self._shown + event.data)[-SCREEN_CHARACTERS_MAX:]
        if event.code == "r":
            columns, _, rows = event.data.partition("x")
            self._size = int(columns), int(rows)

    def _screen(self) -> str:
        seconds = max(0, self._now_us - self._opened_us) / MICROSECONDS
        columns, rows = self._size
        return json.dumps({"cols": columns, "rows": rows, "time": seconds, "init": self._shown})


def _events(terminal: Terminal, found: Iterable[Numbered]) -> Iterator[Event]:
    for one in found:
        yield from terminal.events(one.moment)

"""Sessions, live and past, and the recording of each as a timeline; for operators."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import trio
from starlette.responses import RedirectResponse

from narrows import recordings
from narrows.console.errors import ApiError
from narrows.console.web.guard import login_of
from narrows.console.web.pages import render
from narrows.console.web.site import site_of
from narrows.console.web.timeline import Page, timeline
from narrows.errors import RecordingError
from narrows.recordings import session_id
from narrows.recordings.listing import shown
from narrows.store import sessions as rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from starlette.requests import Request
    from starlette.responses import Response

LISTED_MAX = 200
QUERY_CHARACTERS_MAX = 200
RECORDING_BYTES_MAX = 64 << 20
"""Larger recordings are for `narrows replay`: a page reads the whole of one."""


async def listing(request: Request) -> Response:
    """Open sessions, then those that are over; `q` picks those that it occurs in."""
    here = site_of(request).operations
    query = request.query_params.get("q", "").strip()[:QUERY_CHARACTERS_MAX]
    if query:
        found = await here.store.run(rows.matching, query, limit=LISTED_MAX)
    else:
        found = await here.store.run(rows.newest, limit=LISTED_MAX)
    listed = [shown(row) for row in found]
    return render(
        request,
        "sessions",
        query=query,
        running=[one for one in listed if one["closed_ms"] is None],
        over=[one for one in listed if one["closed_ms"] is not None],
        most=LISTED_MAX,
    )


async def single(request: Request) -> Response:
    """One session: who, from where, and everything that happened in it."""
    here = site_of(request).operations
    number = _number(request)
    row = await here.find_session(number)
    if row is None:
        raise ApiError(404, "not-found", "There is no such session.")
    return render(
        request,
        "session",
        session=shown(row),
        record=json.loads(row.document),
        page=await _page(request, number, row.bytes_to_agent),
    )


async def kill(request: Request) -> Response:
    """Ends a session at once."""
    if not await site_of(request).operations.kill(_number(request), login_of(request).principal):
        raise ApiError(409, "closed", "The session is not open any more.")
    return RedirectResponse(f"/sessions/{request.path_params['id']}", 303)


async def _page(request: Request, number: int, size: int) -> Page | None:
    """A part of the recording; None when it cannot be shown here."""
    site = site_of(request)
    start = request.query_params.get("from", "0")
    if site.operations.journal is None or size > RECORDING_BYTES_MAX:
        return None
    try:
        return await trio.to_thread.run_sync(
            _read,
            site.operations.journal,
            site.operations.journal_keys,
            number,
            int(start) if start.isascii() and start.isdigit() and len(start) < 9 else 0,
            limiter=site.readers,
        )
    except RecordingError:
        return None


def _read(journal: Path, keys: Sequence[Path], number: int, start: int) -> Page:
    return timeline(recordings.transcript(recordings.read(journal, number, keys)), start)


def _number(request: Request) -> int:
    try:
        return session_id(request.path_params["id"])
    except ValueError:
        raise ApiError(404, "not-found", "There is no such session.") from None

"""Sessions, live and past; for operators. What happened in one is in its recording."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from narrows.console.errors import ApiError
from narrows.console.web.guard import login_of
from narrows.console.web.pages import render
from narrows.console.web.site import site_of
from narrows.recordings import session_id
from narrows.recordings.listing import shown
from narrows.store import sessions as rows

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

LISTED_MAX = 200
QUERY_CHARACTERS_MAX = 200


async def listing(request: Request) -> Response:
    """Open sessions, then those that are over; `q` picks those that it occurs in."""
    here = site_of(request).operations
    query = request.query_params.get("q", "").strip()[:QUERY_CHARACTERS_MAX]
    await here.listed.flush_once()
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
    """One session: who, and from where."""
    here = site_of(request).operations
    row = await here.find_session(_number(request))
    if row is None:
        raise ApiError(404, "not-found", "There is no such session.")
    return render(request, "session", session=shown(row), record=json.loads(row.document))


async def kill(request: Request) -> Response:
    """Ends a session at once."""
    if not await site_of(request).operations.kill(_number(request), login_of(request).principal):
        raise ApiError(409, "closed", "The session is not open any more.")
    return RedirectResponse(f"/sessions/{request.path_params['id']}", 303)


def _number(request: Request) -> int:
    try:
        return session_id(request.path_params["id"])
    except ValueError:
        raise ApiError(404, "not-found", "There is no such session.") from None

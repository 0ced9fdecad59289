"""`/v1/sessions` and `/v1/revocations`: for operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from narrows.console.errors import ApiError
from narrows.console.requests import json_fields, operations, operator
from narrows.identity.revocation import SUBJECTS
from narrows.recordings import session_id
from narrows.recordings.listing import shown

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from narrows.identity.revocation import Subject


async def listing(request: Request) -> Response:
    """Sessions, newest first; `open=1` leaves out those that are over."""
    await operator(request)
    rows = await operations(request).list_sessions(open_only=request.query_params.get("open") == "1")
    return JSONResponse({"sessions": [shown(row) for row in rows]})


async def single(request: Request) -> Response:
    """One session."""
    await operator(request)
    row = await operations(request).find_session(_session(request))
    if row is None:
        raise ApiError(404, "not-found", f"there is no session {request.path_params['id']}")
    return JSONResponse(shown(row))


async def kill(request: Request) -> Response:
    """Ends a session at once."""
    by = await operator(request)
    if not await operations(request).kill(_session(request), by):
        raise ApiError(409, "closed", "the session is not open")
    return JSONResponse({"session": request.path_params["id"], "state": "ending"})


async def revoke(request: Request) -> Response:
    """Accepts nothing more from a principal, an app or by some evidence, and ends what it opened."""
    by = await operator(request)
    fields = await json_fields(request, *SUBJECTS, "reason")
    named: list[Subject] = [subject for subject in SUBJECTS if fields.get(subject)]
    if len(named) != 1:
        raise ApiError(400, "invalid", "name one thing to revoke", f"One of: {', '.join(SUBJECTS)}.")
    value = fields[named[0]]
    ended = await operations(request).revoke(named[0], value, by, fields.get("reason", ""))
    return JSONResponse({named[0]: value, "sessions_ended": ended})


def _session(request: Request) -> int:
    try:
        return session_id(request.path_params["id"])
    except ValueError:
        raise ApiError(404, "not-found", "that is no session's id") from None

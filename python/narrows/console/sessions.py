"""`/v1/sessions` and `/v1/revocations`: for operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from narrows.console.errors import ApiError
from narrows.console.requests import json_fields, operations, operator
from narrows.recordings import session_id
from narrows.recordings.listing import shown

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


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
    """Accepts nothing more from a principal, and ends its sessions."""
    by = await operator(request)
    fields = await json_fields(request, "principal", "reason")
    if not fields.get("principal"):
        raise ApiError(400, "invalid", "principal is missing", "Name its key: issuer/tenant/object-id.")
    ended = await operations(request).revoke(fields["principal"], by, fields.get("reason", ""))
    return JSONResponse({"principal": fields["principal"], "sessions_ended": ended})


def _session(request: Request) -> int:
    try:
        return session_id(request.path_params["id"])
    except ValueError:
        raise ApiError(404, "not-found", "that is no session's id") from None

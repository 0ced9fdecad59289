"""`/v1/recordings`: for whoever may read them. Every look is noted before anything is shown."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import trio
from starlette.responses import JSONResponse, Response

from narrows.console.errors import ApiError
from narrows.console.requests import bearer, operations
from narrows.recordings import session_id
from narrows.recordings.index import Wanted
from narrows.recordings.index.search import session_of

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from narrows.gateway import Operations
    from narrows.model import Principal
    from narrows.recordings.growing import Growing
    from narrows.recordings.reading import Numbered

MOMENTS_MAX = 1_000
"""Of one answer; the next one starts where it ends."""
LISTED_MAX = 200
FOLLOWERS_MAX = 50
"""Recordings that are followed at a time over the API."""
KEEP_ALIVE_S = 15.0
WORDS = (
    "text",
    "principal",
    "target",
    "peer",
    "verb",
    "table",
    "resource",
    "namespace",
    "rule",
    "effect",
    "approval",
    "mask",
)
NUMBERS = ("since_us", "until_us", "before", "limit")
FILTERS = (*WORDS, "session", *NUMBERS)
"""Query parameters of a search."""


async def listing(request: Request) -> Response:
    """Recorded sessions, newest first."""
    principal = await bearer(request)
    found = await operations(request).recordings.newest(principal, LISTED_MAX)
    return JSONResponse({"recordings": [one.shown() for one in found]})


async def search(request: Request) -> Response:
    """Operations by words and by what they are about, newest first; `before` goes on behind one."""
    principal = await bearer(request)
    found = await operations(request).recordings.search(principal, wanted(request.query_params))
    return JSONResponse({"operations": [hit.shown() for hit in found]})


async def single(request: Request) -> Response:
    """A part of one recording, from moment number `from` on; `following` is where the next part starts."""
    principal = await bearer(request)
    start = number(request.query_params, "from", 0)
    here = operations(request).recordings
    page = await here.page(principal, session_in(request), start or 0, MOMENTS_MAX)
    return JSONResponse(
        page.session.shown()
        | {
            "document": page.session.document,
            "moments": [_shown(one) for one in page.moments],
            "following": page.following,
        }
    )


async def follow(request: Request) -> Response:
    """A recording as server-sent events, from moment number `from` on, and on as the session goes on."""
    principal = await bearer(request)
    here = operations(request)
    if here.recordings.followers >= FOLLOWERS_MAX:
        raise ApiError(503, "unavailable", f"{FOLLOWERS_MAX} recordings are followed", "Try again later.")
    start = number(request.query_params, "from", 0)
    growing = await here.recordings.follow(principal, session_in(request), start or 0)
    return _Followed(here, principal, growing)


def wanted(given: QueryParams) -> Wanted:
    """What a query asks for; SearchError and ApiError when it cannot be understood."""
    fields: dict[str, Any] = {name: given.get(name, "").strip() for name in WORDS}
    if session := given.get("session", "").strip():
        fields["session"] = session_of(session)
    for name in NUMBERS:
        if (value := number(given, name, None)) is not None:
            fields[name] = value
    return Wanted(**fields)


def number(given: QueryParams, name: str, default: int | None) -> int | None:
    """A query parameter that is a whole number. Raises ApiError when it is something else."""
    text = given.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise ApiError(400, "invalid", f"{name} is no number")
    return min(int(text), 2**63 - 1)


def session_in(request: Request) -> int:
    """The session that the path names. Raises ApiError when it is none."""
    try:
        return session_id(request.path_params["id"])
    except ValueError:
        raise ApiError(404, "not-found", "that is no session's id") from None


class _Followed(Response):
    """Goes on until the session is over, the client gone or its token at its end."""

    media_type = "text/event-stream"

    def __init__(self, here: Operations, principal: Principal, growing: Growing) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._here, self._principal, self._growing = here, principal, growing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves the response (ASGI)."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        self._here.recordings.followers += 1
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_until_gone, receive, nursery.cancel_scope)
                with trio.move_on_after(max(0.0, self._principal.expires_at - time.time())):
                    await self._send_moments(send)
                nursery.cancel_scope.cancel()
        finally:
            self._here.recordings.followers -= 1
        await send({"type": "http.response.body", "body": b""})

    async def _send_moments(self, send: Send) -> None:
        silent_since = trio.current_time()
        while not self._growing.is_over and not self._here.revocations.covers(self._principal):
            found = await self._here.recordings.more(self._growing)
            text = "".join(
                f"id: {one.number}\nevent: moment\ndata: {json.dumps(_shown(one))}\n\n" for one in found
            )
            if not text and trio.current_time() - silent_since > KEEP_ALIVE_S:
                text = ": still here\n\n"
            if text:
                silent_since = trio.current_time()
                await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _until_gone(receive: Receive, scope: trio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


def _shown(one: Numbered) -> dict[str, Any]:
    return {"number": one.number} | asdict(one.moment)

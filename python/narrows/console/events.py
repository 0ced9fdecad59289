"""`/v1/events`: server-sent events for lists that stay up to date."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import trio
from starlette.responses import Response

from narrows.approvals.request import State
from narrows.console.approvals import may_see, shown
from narrows.console.errors import ApiError
from narrows.console.requests import bearer, operations
from narrows.errors import NarrowsError
from narrows.recordings import session_id
from narrows.recordings.listing import shown as session_shown

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from narrows.gateway import Operations
    from narrows.model import Principal
    from narrows.store.doorbell import Listener, Ring

KEEP_ALIVE_S = 15.0
"""A comment is sent after this much silence, so that nothing between takes the stream for dead."""
STREAMS_MAX = 200
"""Streams at a time."""
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


async def stream(request: Request) -> Response:
    """What changes that the caller may see: `approval` events, to operators `session` events too.

    It starts with every approval request that waits. `missed` says that changes were lost: read the lists
    again. The stream ends with the caller's token.
    """
    principal = await bearer(request)
    here = operations(request)
    if here.doorbell.listeners >= STREAMS_MAX:
        raise ApiError(503, "unavailable", f"{STREAMS_MAX} event streams are open", "Try again later.")
    return EventStream(here, principal)


class EventStream(Response):
    """A response that goes on until the client is gone or its token is over."""

    media_type = "text/event-stream"

    def __init__(self, here: Operations, principal: Principal) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self._here = here
        self._principal = principal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves the response (ASGI)."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_until_gone, receive, nursery.cancel_scope)
            with trio.move_on_after(max(0.0, self._principal.expires_at - time.time())):
                await self._send_events(send)
            nursery.cancel_scope.cancel()
        await send({"type": "http.response.body", "body": b""})

    async def _send_events(self, send: Send) -> None:
        with self._here.doorbell.listening() as listener:
            for approval in await self._here.approvals.newest(State.REQUESTED):
                if may_see(self._here, self._principal, approval):
                    await _send(send, _event("approval", shown(approval)))
            while not self._here.revocations.covers(self._principal):
                await _send(send, await self._next(listener))

    async def _next(self, listener: Listener) -> str:
        with trio.move_on_after(KEEP_ALIVE_S):
            while True:
                ring = await listener.next()
                if listener.missed:
                    listener.missed = False
                    return _event("missed", {})
                if event := await self._told(ring):
                    return event
        return ": still here\n\n"

    async def _told(self, ring: Ring) -> str:
        """The event for a ring; empty where it is nothing to the caller."""
        try:
            if ring.kind == "approval":
                approval = await self._here.approvals.find(ring.id)
                if may_see(self._here, self._principal, approval):
                    return _event("approval", shown(approval))
            if ring.kind == "session" and self._here.is_operator(self._principal):
                row = await self._here.find_session(session_id(ring.id))
                return _event("session", session_shown(row)) if row else ""
        except NarrowsError:
            return _event("missed", {})
        return ""


async def _until_gone(receive: Receive, scope: trio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


async def _send(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


def _event(kind: str, document: dict[str, Any]) -> str:
    """JSON has no line ends of its own, so one data line holds it."""
    return f"event: {kind}\ndata: {json.dumps(document)}\n\n"

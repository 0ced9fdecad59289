"""Server-sent events: tells a page that what it shows has changed, so that it asks for itself again.

Only a fingerprint is sent. The page fetches its own address and takes its live part from that: there is one
way to render a list and one place that decides who may see what.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import trio
from starlette.responses import StreamingResponse

from narrows.approvals.request import State
from narrows.console.approvals import may_see
from narrows.console.errors import ApiError
from narrows.console.web.guard import find_login, login_of
from narrows.console.web.site import STREAMS_MAX, site_of
from narrows.errors import ApprovalError, StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from narrows.approvals.request import Approval
    from narrows.store.doorbell import Listener

    Fingerprint = Callable[[], Awaitable[str]]
    """What is shown, on one line: another whenever the page would be another."""

STREAM_MAX_S = 600.0
"""Then the browser connects again, which it does by itself."""
HEARTBEAT_S = 15.0
"""Keeps what is between us and the browser from thinking that nothing is."""


async def inbox(request: Request) -> Response:
    """Speaks up when the list of waiting requests changes for this person."""
    here, person = site_of(request).operations, login_of(request).principal

    async def waiting() -> str:
        pending = await here.approvals.newest(State.REQUESTED)
        return " ".join(_standing(one) for one in pending if may_see(here, person, one))

    return _stream(request, "approval", waiting)


async def approval(request: Request) -> Response:
    """Speaks up when a request gets a vote or a preview, or is closed."""
    here, person = site_of(request).operations, login_of(request).principal
    name = request.path_params["id"]
    if not may_see(here, person, await here.approvals.find(name)):
        raise ApiError(403, "forbidden", "This request is not for you to decide.")

    async def standing() -> str:
        return _standing(await here.approvals.find(name))

    return _stream(request, "approval", standing)


async def grants(request: Request) -> Response:
    """Speaks up when a grant is used or ends."""
    here = site_of(request).operations

    async def uses() -> str:
        return " ".join(f"{one.id}:{one.uses}:{one.revoked_ms}" for one in await here.grants.newest())

    return _stream(request, "grant", uses)


async def sessions(request: Request) -> Response:
    """Speaks up when a session opens or ends."""
    here = site_of(request).operations

    async def open_ones() -> str:
        return " ".join(str(row.id) for row in await here.list_sessions(open_only=True))

    return _stream(request, "session", open_ones)


def _standing(one: Approval) -> str:
    looked = "looked" if one.preview else ""
    return f"{one.request.id}:{one.state.value}:{len(one.votes)}:{looked}:{one.used_ms}"


def _stream(request: Request, kind: str, fingerprint: Fingerprint) -> Response:
    if site_of(request).streams >= STREAMS_MAX:
        raise ApiError(503, "unavailable", f"{STREAMS_MAX} pages are live already.")
    return StreamingResponse(_events(request, kind, fingerprint), media_type="text/event-stream")


async def _events(request: Request, kind: str, fingerprint: Fingerprint) -> AsyncIterator[str]:
    site = site_of(request)
    site.streams += 1
    try:
        with site.operations.doorbell.listening() as listener:
            ends, sent = trio.current_time() + STREAM_MAX_S, ""
            while trio.current_time() < ends and find_login(request, touch=False) is not None:
                now = hashlib.sha256((await fingerprint()).encode()).hexdigest()[:16]
                yield f"data: {now}\n\n" if now != sent else ": alive\n\n"
                sent = now
                await _rung(listener, kind)
    except (ApprovalError, StoreError):
        return  # the browser comes back
    finally:
        site.streams -= 1


async def _rung(listener: Listener, kind: str) -> None:
    """Waits for a ring of that kind, or for the next heartbeat."""
    with trio.move_on_after(HEARTBEAT_S):
        while (await listener.next()).kind != kind and not listener.missed:
            pass
        listener.missed = False

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
from narrows.console.errors import ApiError
from narrows.console.web.approvals import may_see
from narrows.console.web.guard import find_login, login_of
from narrows.console.web.site import PULSE_S, STREAMS_MAX, site_of
from narrows.errors import ApprovalError, StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from narrows.console.web.site import Site

STREAM_MAX_S = 600.0
"""Then the browser connects again, which it does by itself."""
HEARTBEAT_S = 15.0
"""Keeps what is between us and the browser from thinking that nothing is."""


async def inbox(request: Request) -> Response:
    """Speaks up when the list of waiting requests changes for this person."""
    site, person = site_of(request), login_of(request).principal

    async def waiting() -> str:
        seen = [one for one in await site.pending() if may_see(site.operations, person, one)]
        return " ".join(f"{one.request.id}:{len(one.votes)}" for one in seen)

    return _stream(request, site, waiting)


async def approval(request: Request) -> Response:
    """Speaks up when a request gets a vote or is closed."""
    site, person = site_of(request), login_of(request).principal
    name = request.path_params["id"]
    found = await site.operations.approvals.find(name)
    if not may_see(site.operations, person, found):
        raise ApiError(403, "forbidden", "This request is not for you to decide.")
    open_before = found.state is State.REQUESTED

    async def standing() -> str:
        pending = next((one for one in await site.pending() if one.request.id == name), None)
        if pending is None and open_before:
            return (await site.operations.approvals.find(name)).state.value
        return f"requested:{len(pending.votes)}" if pending else "closed"

    return _stream(request, site, standing)


async def sessions(request: Request) -> Response:
    """Speaks up when a session opens or ends."""
    site = site_of(request)

    async def open_ones() -> str:
        return " ".join(live.decided.name for live in site.operations.sessions)

    return _stream(request, site, open_ones)


def _stream(request: Request, site: Site, fingerprint: Callable[[], Awaitable[str]]) -> Response:
    if site.streams >= STREAMS_MAX:
        raise ApiError(
            503, "unavailable", f"{STREAMS_MAX} pages are live already.", "Reload to renew the page."
        )
    return StreamingResponse(_events(request, site, fingerprint), media_type="text/event-stream")


async def _events(
    request: Request, site: Site, fingerprint: Callable[[], Awaitable[str]]
) -> AsyncIterator[str]:
    site.streams += 1
    try:
        ends = trio.current_time() + STREAM_MAX_S
        sent, spoken_at = "", trio.current_time()
        while trio.current_time() < ends and find_login(request, touch=False) is not None:
            try:
                now = hashlib.sha256((await fingerprint()).encode()).hexdigest()[:16]
            except (ApprovalError, StoreError):
                return
            if now != sent:
                yield f"data: {now}\n\n"
                sent, spoken_at = now, trio.current_time()
            elif trio.current_time() - spoken_at >= HEARTBEAT_S:
                yield ": alive\n\n"
                spoken_at = trio.current_time()
            await trio.sleep(PULSE_S)
    finally:
        site.streams -= 1

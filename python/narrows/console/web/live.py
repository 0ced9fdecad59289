"""Server-sent events: tells a page that what it shows has changed, so that it asks for itself again.

Only a fingerprint is sent. The page fetches its own address and takes its live part from that: there is one
way to render a list and one place that decides who may see what.
"""

from __future__ import annotations

import hashlib
import math
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import trio
from starlette.responses import StreamingResponse

from narrows.approvals.request import State
from narrows.console.approvals import may_see
from narrows.console.errors import ApiError
from narrows.console.web.guard import find_login, is_revoked, login_of
from narrows.console.web.site import STREAMS_MAX, site_of
from narrows.errors import ApprovalError, StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

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
LOOK_AGAIN_S = 5.0
"""How long after a sign-out at another node a page that is live here may still be told something."""


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


@dataclass(slots=True, eq=False)
class Stream:
    """One page that is kept live, for a while and while who reads it is signed in."""

    request: Request
    _ends_at: float = field(default_factory=lambda: trio.current_time() + STREAM_MAX_S)
    _looked_at: float = -math.inf
    _said_at: float = field(default_factory=trio.current_time)

    async def goes_on(self) -> bool:
        """Whether there may be more. Raises StoreError."""
        now = trio.current_time()
        if now >= self._ends_at:
            return False
        if now - self._looked_at < LOOK_AGAIN_S:
            return not is_revoked(self.request)
        self._looked_at = now
        return await find_login(self.request, touch=False) is not None

    def said(self, text: str) -> str:
        """The text, noted as a sign of life."""
        self._said_at = trio.current_time()
        return text

    @property
    def heartbeat(self) -> str:
        """What to send where nothing else was for a while; empty where something was."""
        quiet = trio.current_time() - self._said_at > HEARTBEAT_S
        return self.said(": alive\n\n") if quiet else ""


def refuse_when_full(request: Request) -> None:
    """Raises ApiError where as many pages are live as may be."""
    if site_of(request).streams >= STREAMS_MAX:
        raise ApiError(503, "unavailable", f"{STREAMS_MAX} pages are live already.")


@contextmanager
def kept_live(request: Request) -> Iterator[Stream]:
    """A page's stream of events, counted while it lasts."""
    site = site_of(request)
    site.streams += 1
    try:
        yield Stream(request)
    finally:
        site.streams -= 1


def _stream(request: Request, kind: str, fingerprint: Fingerprint) -> Response:
    refuse_when_full(request)
    return StreamingResponse(_events(request, kind, fingerprint), media_type="text/event-stream")


async def _events(request: Request, kind: str, fingerprint: Fingerprint) -> AsyncIterator[str]:
    with kept_live(request) as stream, site_of(request).operations.doorbell.listening() as listener:
        sent = ""
        try:
            while await stream.goes_on():
                now = hashlib.sha256((await fingerprint()).encode()).hexdigest()[:16]
                yield f"data: {now}\n\n" if now != sent else ": alive\n\n"
                sent = now
                await _rung(listener, kind)
        except (ApprovalError, StoreError):
            return  # the browser comes back


async def _rung(listener: Listener, kind: str) -> None:
    """Waits for a ring of that kind, or for the next heartbeat."""
    with trio.move_on_after(HEARTBEAT_S):
        while (await listener.next()).kind != kind and not listener.missed:
            pass
        listener.missed = False

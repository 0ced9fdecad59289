"""Recordings: find operations, and read what happened around each as a timeline."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.responses import StreamingResponse

from narrows.console.errors import ApiError
from narrows.console.recordings import number, session_in, wanted
from narrows.console.web.guard import login_of
from narrows.console.web.live import kept_live, refuse_when_full
from narrows.console.web.pages import render
from narrows.console.web.site import site_of
from narrows.console.web.timeline import timeline
from narrows.recordings.forwards import forwarded
from narrows.recordings.index import SearchError
from narrows.recordings.index.search import EFFECTS
from narrows.recordings.replay import STREAMS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response

    from narrows.recordings.growing import Growing

HITS_MAX = 50
"""Of one page of results."""
MOMENTS_MAX = 1_000
"""Of one page of a recording; the next page starts where it ends."""
FIELDS = (
    ("principal", "Principal"), ("target", "Target"), ("peer", "From"), ("session", "Session"),
    ("verb", "Verb"), ("table", "Table"), ("resource", "Resource"), ("namespace", "Namespace"),
    ("rule", "Rule"), ("approval", "Approval"), ("mask", "Mask"),
)  # fmt: skip


async def search(request: Request) -> Response:
    """Operations that match, newest first; all of them where nothing is asked."""
    given = {name: value.strip() for name, value in request.query_params.items() if value.strip()}
    found: dict[str, Any] = {"hits": [], "more": "", "problem": "", "hint": ""}
    try:
        look = wanted(QueryParams(_times(given) | {"limit": str(HITS_MAX)}))
        hits = await site_of(request).operations.recordings.search(login_of(request).principal, look)
        more = urlencode(given | {"before": hits[-1].number}) if len(hits) == HITS_MAX else ""
        found |= {"hits": hits, "more": more}
    except (SearchError, ApiError) as error:
        found |= {"problem": str(error), "hint": error.hint}
    asked = bool(set(given) - {"before"})
    return render(request, "recordings", given=given, asked=asked, fields=FIELDS, effects=EFFECTS, **found)


async def single(request: Request) -> Response:
    """A part of one recording, from moment number `from` on."""
    start = number(request.query_params, "from", 0) or 0
    here = site_of(request).operations.recordings
    page = await here.page(login_of(request).principal, session_in(request), start, MOMENTS_MAX)
    ends = page.moments[-1].number + 1 if page.moments else start
    is_live = page.session.closed_us is None and page.following is None
    has_screen = any(one.moment.event in STREAMS for one in page.moments)
    return render(
        request,
        "recording",
        session=page.session,
        entries=timeline(page.moments, page.session.opened_us),
        start=start,
        following=page.following,
        live=ends if is_live else 0,
        streams=STREAMS,
        has_screen=has_screen,
        forwarded=forwarded,
    )


async def live(request: Request) -> Response:
    """Speaks up when a recording has grown."""
    refuse_when_full(request)
    start = number(request.query_params, "from", 0) or 0
    here = site_of(request).operations.recordings
    growing = await here.follow(login_of(request).principal, session_in(request), start)
    return StreamingResponse(_growth(request, growing), media_type="text/event-stream")


async def _growth(request: Request, growing: Growing) -> AsyncIterator[str]:
    here = site_of(request).operations.recordings
    with kept_live(request) as stream:
        yield "data: here\n\n"
        while await stream.goes_on():
            if found := await here.more(growing):
                yield stream.said(f"data: {found[-1].number}\n\n")
            if growing.is_over:
                yield "event: over\ndata: over\n\n"
                return
            if beat := stream.heartbeat:
                yield beat


def _times(given: dict[str, str]) -> dict[str, str]:
    """The form's times, which browsers send without a zone, in microseconds. Raises SearchError."""
    fields = dict(given)
    for name in ("since", "until"):
        if text := fields.pop(name, ""):
            try:
                at = datetime.fromisoformat(text)
            except ValueError:
                raise SearchError(f"{text} is no time", "Write 2026-11-24T10:00.") from None
            at = at if at.tzinfo else at.replace(tzinfo=UTC)
            fields[f"{name}_us"] = str(max(0, int(at.timestamp() * 1_000_000)))
    return fields

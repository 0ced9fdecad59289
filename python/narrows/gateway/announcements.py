"""Tells approvers of every new request: looks at what it would touch, then at whom the rule says to tell.

Nothing here is waited for. A preview that fails is one that says why; a channel that is dead is visible in
the request and holds up neither the others nor the statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
import trio

if TYPE_CHECKING:
    from narrows.approvals.lifecycle import Approvals
    from narrows.approvals.request import Request
    from narrows.gateway.destinations import Destinations
    from narrows.gateway.previews import Previews

log = structlog.get_logger("narrows.announcements")


class Announcements:
    """Announces requests.

    Args:
        approvals: Where previews are kept.
        previews: Looks at what a request would touch.
        destinations: The configured targets.
    """

    def __init__(self, *, approvals: Approvals, previews: Previews, destinations: Destinations) -> None:
        self._approvals = approvals
        self._previews = previews
        self._destinations = destinations
        self._nursery: trio.Nursery | None = None

    async def run(self) -> None:
        """Announces what comes, until cancelled."""
        async with trio.open_nursery() as self._nursery:
            await trio.sleep_forever()

    def new(self, request: Request) -> None:
        """Takes a new request; the bounds on waiting requests bound what is under way."""
        if self._nursery is not None:
            self._nursery.start_soon(self._announce, request)

    async def _announce(self, request: Request) -> None:
        try:
            target = self._destinations.known(request.target)
            if target is not None:
                await self._approvals.describe(request.id, await self._previews.of(request, target))
        except Exception:
            log.exception("request not announced", approval=request.id)  # it must end no other

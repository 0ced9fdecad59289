"""Looks at what a held operation would touch, with the gateway's own credential, for those who decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import trio

from narrows.model import Principal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from narrows.approvals.request import Request
    from narrows.model import Target

PREVIEWS_MAX = 4
"""Looked at side by side, each over a connection of its own."""
DEADLINE_S = 2.0
"""For one preview, waiting for its turn included: approvers are told without it then."""

NOBODY = Principal(issuer="", tenant="", object_id="", kind="user")
"""Whoever decides may be anyone, so every mask applies: none excepts this principal."""


class Look(Protocol):
    """Looks at what the operations of one protocol would touch."""

    async def look(self, request: Request, target: Target) -> dict[str, Any]:
        """What a request's operation would touch; `why` where that cannot be had. See `approvals.preview`."""
        ...


class Previews:
    """Makes previews.

    Args:
        looks: Who looks, by kind of target. Of other kinds there are no previews.
    """

    def __init__(self, looks: Mapping[str, Look]) -> None:
        self._looks = looks
        self._turns = trio.CapacityLimiter(PREVIEWS_MAX)

    async def of(self, request: Request, target: Target) -> dict[str, Any]:
        """What a request's operation would touch; `why` where that cannot be had. Never fails."""
        if target.kind not in self._looks:
            return {"why": "what a command does cannot be seen beforehand"}
        looked: dict[str, Any] = {"why": "there was no time to look"}
        with trio.move_on_after(DEADLINE_S):
            async with self._turns:
                looked = await self._looks[target.kind].look(request, target)
        return looked

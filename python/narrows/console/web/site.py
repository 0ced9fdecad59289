"""What the pages share: made once per console, found by every request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import trio

if TYPE_CHECKING:
    from starlette.requests import Request

    from narrows.console.web.logins import Attempts, Logins
    from narrows.gateway import Operations

STREAMS_MAX = 500
"""Browsers that are kept live at a time; others poll."""
READERS_MAX = 2
"""Recordings that are read at a time, each in a thread."""


@dataclass(slots=True, eq=False)
class Site:
    """The web console of one gateway.

    Args:
        operations: What the gateway lets people do.
        origin: `https://host[:port]` as browsers see it.
        logins: Who is signed in.
        attempts: Who is about to be.
    """

    operations: Operations
    origin: str
    logins: Logins
    attempts: Attempts
    streams: int = 0
    readers: trio.CapacityLimiter = field(default_factory=lambda: trio.CapacityLimiter(READERS_MAX))

    @property
    def redirect_uri(self) -> str:
        """Where the issuer sends browsers back to; the issuer must know it exactly so."""
        return f"{self.origin}/sign-in/callback"


def site_of(request: Request) -> Site:
    """The site that a request is for."""
    found: Site = request.app.state.site
    return found

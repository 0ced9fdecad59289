"""What every session passes before it opens, whatever its protocol: policy, revocation, the list."""

from __future__ import annotations

import json
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from narrows.errors import NarrowsError
from narrows.store import sessions as rows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import trio

    from narrows.gateway.policies import Policies
    from narrows.gateway.sessions import LiveSession, Sessions
    from narrows.identity.authenticate import Authenticator
    from narrows.identity.revocation import Revocations
    from narrows.model import Principal, Target
    from narrows.seam import Enforcement


class NotPermittedError(NarrowsError):
    """Policy lets the principal do nothing there. Told to the principal."""

    hint = "Ask the owner of the policy for a rule that names it."


@dataclass(slots=True, eq=False)
class Opening:
    """A session that is about to be admitted."""

    live: LiveSession
    admitted: bool = False
    """Set once the session has begun for the agent."""


@dataclass(slots=True, kw_only=True, eq=False)
class Entrance:
    """Looks at whoever wants a session."""

    nursery: trio.Nursery
    """Where sessions live."""
    authenticator: Authenticator
    revocations: Revocations
    policies: Policies
    sessions: Sessions
    name_of: Callable[[int], str]
    """A session id as people see it."""
    session_max_s: int
    """The longest that a session may last."""
    node: str = ""
    """This gateway's name among those that share the store."""

    def check(self, principal: Principal, target: Target) -> None:
        """Raises IdentityError or NotPermittedError when a principal may not be there, as of now."""
        self.revocations.check(principal)
        if not self.policies.current.applicable(principal, target).admitted:
            raise NotPermittedError(f"policy lets this principal do nothing on {target.name}")

    @asynccontextmanager
    async def opening(
        self, session: int, principal: Principal, target: Target, database: str, enforcement: Enforcement[Any]
    ) -> AsyncIterator[Opening]:
        """A session on the list of live ones, from before it is admitted; it is closed unless it is then.

        Args:
            session: Its number.
            principal: Whose it is.
            target: Where it leads.
            database: Which of the target's databases; empty where it has none.
            enforcement: How its operations are judged and answered.
        """
        live = await self.nursery.start(self.sessions.live, session, principal, target, database, enforcement)
        opening = Opening(live)
        try:
            yield opening
        finally:
            if not opening.admitted:
                live.closed.set()

    def document(self, session: int, principal: Principal, target: Target, **further: Any) -> dict[str, Any]:
        """A session's record: who, from where, to what. It is the recording's first frame."""
        return {
            "session": self.name_of(session),
            "principal": {
                "key": principal.key,
                "name": principal.name,
                "kind": principal.kind,
                "app": principal.app,
                "token": principal.token,
            },
            "target": target.name,
            "protocol": target.kind,
            **further,
            "started_ms": time.time_ns() // 1_000_000,
        }

    def note(self, session: int, principal: Principal, document: dict[str, Any]) -> None:
        """Puts a session on the list. Raises StoreError."""
        row = rows.SessionRow(
            id=session,
            principal=principal.key,
            target=document["target"],
            peer=document["peer"],
            opened_ms=document["started_ms"],
            document=json.dumps(document),
            node=self.node,
        )
        self.sessions.note(row)

    def ends_at(self, principal: Principal, document: dict[str, Any]) -> float:
        """When a session must end, in seconds since 1970: with its evidence, and not after long."""
        return float(min(principal.expires_at, document["started_ms"] / 1000 + self.session_max_s))

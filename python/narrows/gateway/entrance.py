"""What every session passes before it opens, whatever its protocol: policy, revocation, the list."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from narrows.errors import NarrowsError
from narrows.store import sessions as rows

if TYPE_CHECKING:
    from collections.abc import Callable

    import trio

    from narrows.gateway.policies import Policies
    from narrows.gateway.sessions import Sessions
    from narrows.identity.authenticate import Authenticator
    from narrows.identity.revocation import Revocations
    from narrows.model import Principal, Target


class NotPermittedError(NarrowsError):
    """Policy lets the principal do nothing there. Told to the principal."""

    hint = "Ask the owner of the policy for a rule that names it."


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

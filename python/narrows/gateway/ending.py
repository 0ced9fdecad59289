"""Ending sessions from outside: by an operator's word, or because their principal is revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from narrows.gateway.sessions import Sessions
    from narrows.identity.revocation import Revocation, Revocations
    from narrows.plane import DataPlane


class Ending:
    """Ends sessions of this node.

    Args:
        sessions: The open sessions.
        plane: The data plane.
        revocations: Whom nothing is accepted from.
    """

    def __init__(self, sessions: Sessions, plane: DataPlane, revocations: Revocations) -> None:
        self._plane = plane
        self._sessions = sessions
        self._revocations = revocations

    def kill(self, session: int) -> bool:
        """Ends one session; False when it is not open here."""
        live = self._sessions.find(session)
        return live is not None and live.end(
            "Narrows: an operator ended this session", "Ask an operator of Narrows."
        )

    def revoke(self, revocation: Revocation) -> int:
        """Accepts nothing more from whom a revocation names; returns how many sessions that ended.

        What is revoked already changes nothing. Raises IdentityError when too much is.
        """
        if self._revocations.holds(revocation):
            return 0
        self._revocations.add(revocation)
        ended = 0
        for live in self._sessions:
            if found := self._revocations.covers(live.decided.principal):
                ended += live.end(f"Narrows: this {found.subject} was revoked", "Ask an operator of Narrows.")
        self._plane.move_policy()
        return ended

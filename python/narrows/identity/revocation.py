"""Who and what is no longer accepted, though its token still is valid by its own word.

Entra does not tell resources of a disabled agent, so revocation is the gateway's own: by an operator, or by
whatever watches the directory. It is asked on every authentication, cached or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from narrows.errors import IdentityError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from narrows.model import Principal

REVOCATIONS_MAX = 100_000
"""Beyond this, revoke in the directory instead."""

Subject = Literal["principal", "app", "token", "certificate"]
SUBJECTS: tuple[Subject, ...] = get_args(Subject)


@dataclass(frozen=True, slots=True)
class Revocation:
    """One thing that is revoked."""

    subject: Subject
    value: str
    """A principal's key, an app's id, a token's id (`uti` or `jti`), or an SSH certificate's serial."""
    reason: str
    """Shown to the one who is refused."""


class Revocations:
    """The set of what is revoked.

    Args:
        initial: What was revoked before, from the store.
    """

    def __init__(self, initial: Iterable[Revocation] = ()) -> None:
        self._revoked: dict[tuple[Subject, str], Revocation] = {}
        self.changes = 0
        """Another number whenever something else is revoked."""
        for revocation in initial:
            self.add(revocation)

    def add(self, revocation: Revocation) -> None:
        """Revokes from now on. The caller ends the sessions that `covers` finds.

        Raises:
            IdentityError: The value is empty, or `REVOCATIONS_MAX` is reached.
        """
        if not revocation.value:
            raise IdentityError(f"a revocation must name its {revocation.subject}")
        if len(self._revoked) >= REVOCATIONS_MAX:
            raise IdentityError(
                f"at most {REVOCATIONS_MAX} revocations are kept; disable the app in its directory"
            )
        self._revoked[revocation.subject, revocation.value] = revocation
        self.changes += 1

    def holds(self, revocation: Revocation) -> bool:
        """Whether the same thing is revoked already."""
        return (revocation.subject, revocation.value) in self._revoked

    def remove(self, subject: Subject, value: str) -> bool:
        """Accepts again what was revoked; returns whether it was."""
        removed = self._revoked.pop((subject, value), None)
        self.changes += 1
        return removed is not None

    def covers(self, principal: Principal) -> Revocation | None:
        """The revocation that this principal falls under, if any."""
        names: tuple[tuple[Subject, str], ...] = (
            ("principal", principal.key),
            ("app", principal.app),
            ("token", principal.token),
            ("certificate", principal.certificate),
        )
        return next((self._revoked[name] for name in names if name in self._revoked), None)

    def check(self, principal: Principal) -> None:
        """Raises IdentityError when the principal, its app or what it came with is revoked."""
        if revocation := self.covers(principal):
            raise IdentityError(
                f"the {revocation.subject} is revoked: {revocation.reason}",
                hint="Ask an operator of Narrows.",
            )

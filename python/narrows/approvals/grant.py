"""Grants: what came out of an approval and may be used for a while.

A grant is found by its *key*, a digest of all that it covers. The policy's version and the rule are in every
key, so another policy finds no grant of an earlier one, whatever the store still holds.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from narrows.approvals.digest import canonical, digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SCOPES = ("once", "statement", "shape", "session")
ALWAYS_THE_SAME = ("version", "principal", "target", "database", "login", "policy", "rule")
"""Members of the operation's document that every key binds."""


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """A time-bound, scoped right."""

    id: str
    key: str
    """What it covers."""
    approval: str
    """The request that it came out of."""
    principal: str
    target: str
    rule: str
    scope: str
    session: int
    statement: str
    """What the approvers saw, as an example of what a shape or a session covers."""
    policy_version: str
    granted_by: str
    """The keys of those who approved, joined by commas."""
    granted_ms: int
    expires_ms: int
    uses_max: int = 0
    """0: as often as its time allows."""
    uses: int = 0
    used_ms: int | None = None
    """When it was last used."""
    revoked_ms: int | None = None
    revoked_by: str = ""
    revoke_reason: str = ""

    def standing(self, now_ms: int) -> str:
        """`live`, `revoked`, `expired` or `used-up`."""
        if self.revoked_ms is not None:
            return "revoked"
        if self.expires_ms <= now_ms:
            return "expired"
        return "used-up" if self.uses_max and self.uses >= self.uses_max else "live"


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """One use of an approval, taken before a statement is released and given back when it is not."""

    approval: str
    grant: str = ""
    """Empty: the approval itself was used, which can be done once."""
    by: str
    """The keys of those who approved, joined by commas."""
    bound: str
    """The digest or key of what may be released with it."""


def grant_key(
    scope: str, document: dict[str, Any], *, session: int, shape: Callable[[], Mapping[str, Any]]
) -> str:
    """What an approval of this scope covers.

    Args:
        scope: One of SCOPES.
        document: The operation's canonical document.
        session: The session's id.
        shape: Makes what is the same in every operation of its shape.

    Returns:
        For `once` and `statement` the digest of the document, so that nothing in it may differ; for the wider
        scopes a digest of what is to be the same.
    """
    if scope in {"once", "statement"}:
        return digest_of(document)
    same = {name: document[name] for name in ALWAYS_THE_SAME if name in document}
    if scope == "shape":
        same |= shape()
    else:
        same |= {"session": session}
    return hashlib.sha256(canonical({"scope": scope} | same)).hexdigest()

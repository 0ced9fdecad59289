"""An approval request and the states it passes through."""

from __future__ import annotations

import base64
import enum
import secrets
from typing import Any

import msgspec


class State(enum.Enum):
    """Where an approval request stands; all but the first are final."""

    REQUESTED = "requested"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """Who may decide, as the rule said when the request was made."""

    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    quorum: int = 1


class Vote(msgspec.Struct, frozen=True, kw_only=True):
    """What one approver said."""

    approver: str
    """The approver's principal key."""
    name: str
    vote: str
    """`approve` or `deny`."""
    reason: str
    time_ms: int


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked; never changes."""

    id: str
    session: int
    principal: str
    """The requester's key."""
    principal_name: str
    """The requester's display name: the issuer vouches for it, but it decides nothing."""
    owners: tuple[str, ...]
    """Object ids of the people who own the requester."""
    target: str
    database: str
    rule: str
    reason: str
    policy_version: str
    digest: str
    document: dict[str, Any]
    """What the digest is of."""
    terms: Terms
    requested_ms: int
    expires_ms: int


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """A request with where it stands."""

    request: Request
    state: State
    close_reason: str = ""
    closed_ms: int | None = None
    used_ms: int | None = None
    """When the statement was released; None for an approval that came too late or was void."""
    votes: tuple[Vote, ...] = ()

    @property
    def deciders(self) -> str:
        """The keys of those who voted, joined by commas; empty while nobody has."""
        return ",".join(vote.approver for vote in self.votes)


def new_id() -> str:
    """A fresh id: `apr_` and 10 characters of base32, short enough to read aloud (50 random bits)."""
    return "apr_" + base64.b32encode(secrets.token_bytes(7)).decode()[:10].lower()

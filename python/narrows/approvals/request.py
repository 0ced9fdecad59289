"""An approval request and the states it passes through."""

from __future__ import annotations

import base64
import enum
import secrets
from typing import Any

import msgspec

from narrows.approvals.digest import digest_of, shown_document
from narrows.errors import ApprovalError
from narrows.operation import kind_in, text_in


class State(enum.Enum):
    """Where an approval request stands; all but the first are final."""

    REQUESTED = "requested"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    BROKEN_GLASS = "broken-glass"
    """One person let it through in an emergency; others review it afterwards."""


class BreakGlass(msgspec.Struct, frozen=True, kw_only=True):
    """Who may let it through alone, as the rule said when the request was made."""

    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """Who may decide and what that is good for, as the rule said when the request was made."""

    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    quorum: int = 1
    scope: str = "once"
    """`once`, `statement`, `shape` or `session`."""
    mode: str = "hold"
    """`hold` or `return`."""
    grant_ms: int = 0
    """How long the grant lasts that an approval makes; 0: it makes none, and releases what waits."""
    grant_uses: int = 0
    """How often that grant may be used; 0: as often as its time allows."""
    break_glass: BreakGlass = BreakGlass()
    chat: bool = False
    """Whether buttons in a chat may decide."""
    fresh_sign_in: bool = False
    """Whether who approves must have just proven themselves to the issuer."""
    owners_approve: bool = False
    """Whether the people who own the requester may approve."""
    notify: tuple[str, ...] = ()
    """The notifiers that tell approvers."""


class Vote(msgspec.Struct, frozen=True, kw_only=True):
    """What one approver said."""

    approver: str
    """The approver's principal key."""
    name: str
    vote: str
    """`approve`, `deny` or `break-glass`."""
    reason: str
    time_ms: int
    digest: str = ""
    """The beginning of the `shown_digest` that they were shown; empty where they sent none."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked; never changes."""

    id: str
    session: int
    """The session that asked first; others with the same operation may wait for the same request."""
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
    key: str = ""
    """What an approval of it covers; see `scopes`."""
    terms: Terms
    requested_ms: int
    expires_ms: int

    @property
    def text(self) -> str:
        """What the operation is, as people read it."""
        return text_in(self.document)

    @property
    def kind(self) -> str:
        """What kind of operation it is, as people call it."""
        return kind_in(self.document)

    @property
    def place(self) -> str:
        """Where on the target: `, database orders` or `, login deploy`."""
        named = (("database", self.database), ("login", str(self.document.get("login", ""))))
        return "".join(f", {name} {value}" for name, value in named if value)


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody else said afterwards of a broken glass."""

    reviewer: str
    """The reviewer's principal key."""
    text: str
    time_ms: int


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """A request with where it stands."""

    request: Request
    state: State
    close_reason: str = ""
    closed_ms: int | None = None
    used_ms: int | None = None
    """When a statement was first released; None for an approval that came too late or was void."""
    votes: tuple[Vote, ...] = ()
    preview: dict[str, Any] | None = None
    """What the operation would touch, as far as it could be found out; None while nobody has looked."""
    review: Review | None = None

    @property
    def deciders(self) -> str:
        """The keys of those who voted, joined by commas; empty while nobody has."""
        return ",".join(vote.approver for vote in self.votes)

    @property
    def shown_digest(self) -> str:
        """What a yes is for: the digest of all that approvers are shown, the preview with it."""
        return digest_of(shown_document(self.request.document, self.preview))

    def check_shown(self, digest: str) -> None:
        """Raises ApprovalError where a digest, or the beginning of one, is not of what is shown now."""
        if not digest or self.shown_digest.startswith(digest):
            return
        why = (
            "what it would touch has changed since you looked, or the digest is another request's; look again"
        )
        raise ApprovalError("digest-mismatch", f"{self.request.id}: {why}")

    @property
    def lets_through(self) -> bool:
        """Whether people let the operation through."""
        return self.state in {State.APPROVED, State.BROKEN_GLASS}

    @property
    def needs_review(self) -> bool:
        """Whether the glass was broken and nobody has looked at it yet."""
        return self.state is State.BROKEN_GLASS and self.review is None


def new_id(kind: str) -> str:
    """A fresh id: its kind and 10 characters of base32, short enough to read aloud (50 random bits)."""
    return f"{kind}_" + base64.b32encode(secrets.token_bytes(7)).decode()[:10].lower()

"""What the HTTP API answers with, as types, from which its description is made.

They describe and do not serve; a test reads every answer strictly as its type, so that neither drifts.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from narrows.approvals.deliveries import Delivery  # noqa: TC001, read at run time
from narrows.approvals.request import Review  # noqa: TC001, read at run time


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A JSON object of the API. Times are milliseconds since 1970, in UTC."""


class Voted(Answer, frozen=True, kw_only=True):
    """What one approver said."""

    approver: str
    name: str
    vote: Literal["approve", "deny", "break-glass"]
    reason: str
    digest: str
    """Of what they were shown, as far as they sent it."""


class Approval(Answer, frozen=True, kw_only=True):
    """A request and where it stands."""

    id: str
    state: Literal["requested", "approved", "denied", "expired", "withdrawn", "broken-glass"]
    principal: str
    principal_name: str
    target: str
    database: str
    statement: str
    document: dict[str, Any]
    """The operation: what is compared anew before it is let through."""
    digest: str
    """Of all that approvers are shown: the document with the preview. A yes may bear its beginning."""
    operation_digest: str
    """Of the document alone; decisions in the audit log bear it."""
    rule: str
    reason: str
    policy_version: str
    requested_ms: int
    expires_ms: int
    closed_ms: int | None
    close_reason: str
    used_ms: int | None
    quorum: int
    scope: Literal["once", "statement", "shape", "session"]
    mode: Literal["hold", "return"]
    grant_ms: int
    grant_uses: int
    preview: dict[str, Any] | None
    """What it would touch: `relation`, `rows`, `more`, `sample`; or `estimate`; or `why` nobody knows."""
    needs_review: bool
    review: Review | None
    votes: list[Voted]


class ApprovalWithDeliveries(Approval, frozen=True, kw_only=True):
    """A request, and how far telling its approvers has come."""

    notified: list[Delivery]


class Approvals(Answer, frozen=True, kw_only=True):
    """Requests, newest first."""

    approvals: list[Approval]


class Grant(Answer, frozen=True, kw_only=True):
    """What an approval lets through for a while, and whether it still does."""

    standing: Literal["live", "revoked", "expired", "used-up"]
    id: str
    key: str
    """A digest of what it covers."""
    approval: str
    principal: str
    target: str
    rule: str
    scope: Literal["once", "statement", "shape", "session"]
    session: int
    statement: str
    policy_version: str
    granted_by: str
    granted_ms: int
    expires_ms: int
    uses_max: int
    uses: int
    used_ms: int | None
    revoked_ms: int | None
    revoked_by: str
    revoke_reason: str


class Grants(Answer, frozen=True, kw_only=True):
    """Grants, newest first."""

    grants: list[Grant]


class Session(Answer, frozen=True, kw_only=True):
    """A session with its counts."""

    id: str
    principal: str
    target: str
    peer: str
    opened_ms: int
    closed_ms: int | None
    close_reason: str
    operations: int
    denials: int
    masked_values: int
    bytes_to_agent: int
    record: dict[str, Any]
    """The first frame of its recording: who, from where, under which policy and masks."""


class Sessions(Answer, frozen=True, kw_only=True):
    """Sessions, newest first."""

    sessions: list[Session]


class SessionEnding(Answer, frozen=True, kw_only=True):
    """A session that is being ended."""

    session: str
    state: Literal["ending"]


class Revoked(Answer, frozen=True, kw_only=True):
    """What is accepted no more, by what it is: one of these."""

    principal: str | msgspec.UnsetType = msgspec.UNSET
    app: str | msgspec.UnsetType = msgspec.UNSET
    token: str | msgspec.UnsetType = msgspec.UNSET
    certificate: str | msgspec.UnsetType = msgspec.UNSET
    sessions_ended: int


class Target(Answer, frozen=True, kw_only=True):
    """What is protected."""

    name: str
    kind: Literal["postgres", "ssh", "kubernetes"]
    labels: dict[str, str]


class Targets(Answer, frozen=True, kw_only=True):
    """Targets, as configured."""

    targets: list[Target]


class MatchedRule(Answer, frozen=True, kw_only=True):
    """A rule that speaks of an access, and where it is written."""

    rule: str
    effect: Literal["allow", "require-approval", "deny"]
    file: str
    line: int


class ExplainedAccess(Answer, frozen=True, kw_only=True):
    """One thing that an operation does, and what decides on it."""

    access: str
    effect: Literal["allow", "require-approval", "deny"]
    rule: str
    matched: list[MatchedRule]
    verb: str | msgspec.UnsetType = msgspec.UNSET
    """Of a statement, as the next two."""
    names: list[str] | msgspec.UnsetType = msgspec.UNSET
    unbounded: bool | msgspec.UnsetType = msgspec.UNSET


class Explanation(Answer, frozen=True, kw_only=True):
    """How policy decides, and why; what an operation of this kind does not have is null or empty."""

    kind: Literal["statement", "command", "transfer", "forward", "call"]
    operation: str
    """What was asked about, as people read it."""
    effect: Literal["allow", "require-approval", "deny"]
    rule: str
    reason: str
    hint: str
    policy_version: str
    record: Literal["full", "none-of-the-rows", "statements"]
    accesses: list[ExplainedAccess]
    released: str
    """What would run in the place of a command."""
    ports: list[tuple[int, int]] | None
    """First and last port of every range that a port-forward may reach."""
    exposure: Literal["clear", "tainted", "inherit"] | None
    """What masked data may come out of a statement."""
    rows_max: int | None
    """The most rows that it may touch."""
    effects: list[str]
    masked: dict[str, str]
    columns: list[dict[str, Any]] | None
    detectors: dict[str, str]
    warnings: list[str]


class Ticket(Answer, frozen=True, kw_only=True):
    """A ticket (RFC 8693, section 2.2.1)."""

    access_token: str
    issued_token_type: str
    token_type: str
    expires_in: int


class RecordedSession(Answer, frozen=True, kw_only=True):
    """A session of which there is a recording. Times are microseconds since 1970, in UTC."""

    id: str
    principal: str
    name: str
    target: str
    peer: str
    masks: list[str]
    opened_us: int
    closed_us: int | None
    close_reason: str


class RecordedSessions(Answer, frozen=True, kw_only=True):
    """The newest recordings, newest first."""

    recordings: list[RecordedSession]


class Moment(Answer, frozen=True, kw_only=True):
    """Something that happened in a session."""

    number: int
    """From 0, without gaps."""
    time_us: int
    event: str
    detail: dict[str, Any]
    operation: int | None
    """The number of the operation that it belongs to; null where it belongs to none."""


class Recording(RecordedSession, frozen=True, kw_only=True):
    """A part of a recording."""

    document: dict[str, Any]
    """Who opened what, from where."""
    moments: list[Moment]
    following: int | None
    """Where the next part starts; null when there is none yet."""


class FoundOperation(Answer, frozen=True, kw_only=True):
    """An operation that a search found. Times are microseconds since 1970, in UTC."""

    session: str
    number: int
    """Goes on behind it as `before`."""
    moment: int
    at_s: float
    """Seconds since the session opened."""
    time_us: int
    principal: str
    name: str
    target: str
    peer: str
    text: str
    parameters: str
    effect: str
    rule: str
    reason: str
    approval: str
    rows: int
    masked: int
    took_us: int
    error: str
    left_out_bytes: int
    """Bytes of its answer that the recording keeps no copy of."""
    ended: bool
    """False while it goes on; then it is here as far as it has come."""
    excerpt: str
    """What surrounds the words that matched."""


class FoundOperations(Answer, frozen=True, kw_only=True):
    """What a search found, newest first."""

    operations: list[FoundOperation]


class ExportLag(Answer, frozen=True, kw_only=True):
    """How far an export is behind the index."""

    lag_s: float | None
    """0 when everything has been taken, null when it is not known."""
    failing: bool
    """Its last attempt failed."""


class RecordingsLag(Answer, frozen=True, kw_only=True):
    """How far what is made of the recordings is behind."""

    index_lag_s: float | None
    exports: dict[str, ExportLag]


class Health(Answer, frozen=True, kw_only=True):
    """The gateway serves."""

    status: Literal["ok"]
    recordings: RecordingsLag


class Error(Answer, frozen=True, kw_only=True):
    """What went wrong, why, and what to do next."""

    error: str
    message: str
    hint: str


ANSWERS: dict[str, type[Answer]] = {
    "/v1/approvals": Approvals,
    "/v1/approvals/{id}": ApprovalWithDeliveries,
    "/v1/approvals/{id}/approve": Approval,
    "/v1/approvals/{id}/deny": Approval,
    "/v1/approvals/{id}/break-glass": Approval,
    "/v1/approvals/{id}/review": Approval,
    "/v1/grants": Grants,
    "/v1/grants/{id}/revoke": Grant,
    "/v1/sessions": Sessions,
    "/v1/sessions/{id}": Session,
    "/v1/sessions/{id}/kill": SessionEnding,
    "/v1/recordings": RecordedSessions,
    "/v1/recordings/search": FoundOperations,
    "/v1/recordings/{id}": Recording,
    "/v1/revocations": Revoked,
    "/v1/policy/explain": Explanation,
    "/v1/targets": Targets,
    "/v1/token": Ticket,
    "/v1/health": Health,
}
"""By path: what a request that succeeds is answered with."""


REFERENCE = "#/components/schemas/{name}"


def components() -> dict[str, Any]:
    """The schemas of all of them by name, in the dialect of OpenAPI 3.1 (JSON Schema 2020-12)."""
    _, schemas = msgspec.json.schema_components([*ANSWERS.values(), Error], ref_template=REFERENCE)
    return dict(schemas)


def reference(kind: type) -> dict[str, str]:
    """Points to the schema of a type."""
    return {"$ref": REFERENCE.format(name=kind.__name__)}

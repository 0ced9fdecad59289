"""Making a request out of what an agent wants, within what one agent may ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from narrows.approvals import records
from narrows.approvals.request import BreakGlass, Request, Terms, new_id
from narrows.errors import ApprovalError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from narrows.approvals.grant import Use
    from narrows.config import ApprovalsSection
    from narrows.model import ApprovalTerms, Decision, Operation, Principal

MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An operation that needs people."""

    session: int
    principal: Principal
    target: str
    database: str
    operation: Operation
    decision: Decision
    terms: ApprovalTerms
    document: dict[str, Any]
    digest: str
    key: str
    """What an approval of it would cover."""

    @property
    def identity(self) -> tuple[str, str]:
        """Equal for what one approval can answer: the same digest, and for a session's scope, session."""
        return self.digest, self.key

    def bound_by(self, use: Use) -> bool:
        """Whether this is what people let through: the very operation, or one that their grant covers."""
        return use.bound in {self.digest, self.key}


def new_request(asked: Asked, limits: ApprovalsSection, now_ms: int) -> Request:
    """The request as it is stored."""
    decision, terms, principal = asked.decision, asked.terms, asked.principal
    expires_s = terms.expires_s
    if terms.mode == "hold" and asked.operation.holds_locks:
        expires_s = min(expires_s, limits.open_transaction_wait_max_s)
    return Request(
        id=new_id("apr"),
        session=asked.session,
        principal=principal.key,
        principal_name=principal.name,
        owners=tuple(sorted(principal.owners)),
        target=asked.target,
        database=asked.database,
        rule=decision.rule,
        reason=decision.reason,
        policy_version=decision.policy_version,
        digest=asked.digest,
        document=asked.document,
        key=asked.key,
        terms=_terms(terms),
        requested_ms=now_ms,
        expires_ms=now_ms + int(expires_s * 1000),
    )


def within_limits(connection: Connection, request: Request, limits: ApprovalsSection) -> None:
    """Raises ApprovalError when the principal has asked as much as it may."""
    waiting, recent = records.counts(connection, request.principal, since_ms=request.requested_ms - MINUTE_MS)
    if waiting >= limits.pending_max:
        limit = f"pending-max = {limits.pending_max}"
        raise ApprovalError("too-many", f"{waiting} approval requests of yours wait already ({limit})")
    if recent >= limits.requests_per_minute_max:
        limit = f"requests-per-minute-max = {limits.requests_per_minute_max}"
        raise ApprovalError("too-many", f"you asked for {recent} approvals within a minute ({limit})")


def _terms(terms: ApprovalTerms) -> Terms:
    return Terms(
        groups=tuple(sorted(terms.approver_groups)),
        roles=tuple(sorted(terms.approver_roles)),
        objects=tuple(sorted(terms.approver_objects)),
        quorum=terms.quorum,
        scope=terms.scope,
        mode=terms.mode,
        grant_ms=int(terms.grant_s * 1000),
        grant_uses=terms.grant_uses,
        break_glass=BreakGlass(
            groups=tuple(sorted(terms.break_glass.groups)),
            roles=tuple(sorted(terms.break_glass.roles)),
            objects=tuple(sorted(terms.break_glass.objects)),
        ),
        chat=terms.chat,
        fresh_sign_in=terms.fresh_sign_in,
        owners_approve=terms.owners_approve,
        notify=terms.notify,
    )

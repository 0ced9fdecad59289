"""What was decided, as the audit log keeps it."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from narrows.store.decisions import DecisionRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.approvals.grant import Use
    from narrows.approvals.request import Approval, Request
    from narrows.model import Decision, Operation
    from narrows.seam import Session
    from narrows.store.audit import Audit

AUDIT_BEHIND = ("audit-behind", "the audit log cannot keep up, and nothing runs unnoted")
"""Rule id and reason of a denial while decisions cannot be noted."""


class Trail:
    """Notes decisions.

    Args:
        audit: Where.
        now_ms: The wall clock, in milliseconds since 1970; None: the system's.
    """

    def __init__(self, audit: Audit, now_ms: Callable[[], int] | None = None) -> None:
        self._audit = audit
        self.counts: Counter[str] = Counter()
        """How many were noted, by effect."""
        self._now_ms = now_ms or (lambda: time.time_ns() // 1_000_000)

    @property
    def has_room(self) -> bool:
        """Whether more can be noted; when not, nothing may be let go."""
        return self._audit.has_room

    async def flush(self) -> None:
        """Waits until all that was noted is written."""
        await self._audit.flush()

    def note(
        self,
        session: Session,
        operation: Operation,
        decision: Decision,
        request: Request | None = None,
        approval: Approval | None = None,
    ) -> None:
        """Notes what policy said, or people said of what policy wanted approved."""
        self._write(
            session,
            operation,
            decision,
            effect=decision.effect.value,
            digest=request.digest if request else "",
            approval=request.id if request else None,
            approver=approval.deciders if approval else None,
        )

    def note_release(self, session: Session, operation: Operation, decision: Decision, use: Use) -> None:
        """Notes that an operation goes because people let it."""
        self._write(
            session,
            operation,
            decision,
            effect="release",
            digest=use.bound,
            approval=use.approval,
            approver=use.by,
        )

    def _write(
        self,
        session: Session,
        operation: Operation,
        decision: Decision,
        *,
        effect: str,
        digest: str,
        approval: str | None,
        approver: str | None,
    ) -> None:
        row = DecisionRow(
            time_ms=self._now_ms(),
            session=session.id,
            principal=session.principal.key,
            target=session.target.name,
            effect=effect,
            rule=decision.rule,
            reason=decision.reason,
            digest=digest,
            text=operation.text,
            policy_version=decision.policy_version,
            approval=approval,
            approver=approver,
        )
        self.counts[effect] += 1
        self._audit.note(row)

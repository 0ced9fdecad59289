"""Putting the question to policy, so that neither a long text nor a defect is anybody else's trouble."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
import trio

from narrows.model import Decision, Effect

if TYPE_CHECKING:
    from narrows.model import Operation
    from narrows.seam import Session

LONG_SIZE = 16_384
"""What is longer, in characters or bytes, is read in a thread: that takes milliseconds, for a megabyte up to
half a second, and every other session's operations would wait for it."""

INTERNAL_ERROR = "internal-error"
"""The rule id of a denial that a defect of ours caused."""
TELL_AN_OPERATOR = "Tell an operator of Narrows."

log = structlog.get_logger("narrows.decide")


def is_long(operation: Operation) -> bool:
    """Whether judging it takes long."""
    return operation.size > LONG_SIZE


class Judging:
    """Asks policy."""

    def __init__(self) -> None:
        self._long_texts = trio.CapacityLimiter(1)  # so that others still get most of the interpreter

    def decision(self, session: Session, operation: Operation, catalogue: Any) -> Decision:
        """Policy's answer; a defect in finding it denies the one operation instead of ending the gateway."""
        try:
            return session.enforcement.judge(session, operation, catalogue)
        except Exception:
            log.exception("policy could not be evaluated", session=session.name)
            return Decision(Effect.DENY, INTERNAL_ERROR, "policy could not be evaluated", TELL_AN_OPERATOR)

    async def patient_decision(self, session: Session, operation: Operation, catalogue: Any) -> Decision:
        """The same, made beside other sessions' decisions where it takes long."""
        if not is_long(operation):
            return self.decision(session, operation, catalogue)
        return await trio.to_thread.run_sync(
            self.decision, session, operation, catalogue, limiter=self._long_texts
        )

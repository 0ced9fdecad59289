"""What the agent is told while people decide, and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.approvals.request import State

if TYPE_CHECKING:
    from narrows.approvals.request import Approval, Request
    from narrows.model import Decision, Statement


def notice(request: Request, decision: Decision, statement: Statement) -> tuple[str, str, str]:
    """Message, detail and hint of the notice that a statement is held."""
    minutes = (request.expires_ms - request.requested_ms) / 60_000
    detail = f"rule {decision.rule}: {decision.reason}"
    if statement.transaction == "open":
        detail += ". Locks that this transaction has taken stay taken while it waits"
    return (
        f"Narrows: waiting for approval {request.id}",
        detail,
        f"An approver can run: narrows approvals approve {request.id} (within {minutes:.0f} min). "
        "Cancel the statement to withdraw the request.",
    )


def refusal(approval: Approval) -> tuple[str, str]:
    """Reason and hint of the denial that follows from a request that was not approved."""
    name = approval.request.id
    if approval.state is State.DENIED:
        vote = approval.votes[-1]
        because = f": {vote.reason}" if vote.reason else ""
        return (
            f"approval {name} was denied by {vote.name or vote.approver}{because}",
            "Talk to them before you ask again.",
        )
    if approval.state is State.EXPIRED:
        return (
            f"approval {name} expired: nobody decided in time",
            "Ask an approver to look, then run the statement again.",
        )
    return f"approval {name} was withdrawn: {approval.close_reason}", "Run the statement again."

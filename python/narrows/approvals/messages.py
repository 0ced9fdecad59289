"""What the agent is told while people decide, and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.approvals.request import State

if TYPE_CHECKING:
    from narrows.approvals.request import Approval, Request
    from narrows.model import Decision, Statement


CANCEL = "Cancel the statement to withdraw the request."


def notice(request: Request, decision: Decision, statement: Statement) -> tuple[str, str, str]:
    """Message, detail and hint of the notice that a statement is held."""
    detail = f"rule {decision.rule}: {decision.reason}"
    if statement.transaction == "open":
        detail += (
            ". Locks that this transaction has taken stay taken while it waits, so it waits for less long"
        )
    return f"Narrows: waiting for approval {request.id}", detail, f"{_how(request)}. {CANCEL}"


def returned(approval: Approval) -> tuple[str, str]:
    """Reason and hint of the denial of a statement that is to be sent again when people have decided."""
    if approval.state is State.DENIED:
        return refusal(approval)
    request = approval.request
    reason = f"this needs approval {request.id}, which has been asked for"
    return reason, f"{_how(request)}. Then send the same statement again: it passes once it is approved."


def _how(request: Request) -> str:
    minutes = (request.expires_ms - request.requested_ms) / 60_000
    return f"An approver can run: narrows approvals approve {request.id} (within {minutes:.0f} min)"


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

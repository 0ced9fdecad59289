"""What the agent is told while people decide, and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.approvals.request import State

if TYPE_CHECKING:
    from narrows.approvals.asking import Asked
    from narrows.approvals.request import Approval, Request
    from narrows.model import Operation


def notice(request: Request, asked: Asked, console_url: str) -> tuple[str, str, str]:
    """Message, detail and hint of the notice that an operation is held.

    Args:
        request: What waits.
        asked: What it was made of.
        console_url: The console as people reach it; empty: not known.
    """
    detail = f"rule {asked.decision.rule}: {asked.decision.reason}"
    if asked.operation.holds_locks:
        detail += (
            ". Locks that this transaction has taken stay taken while it waits, so it waits for less long"
        )
    cancel = f"Cancel the {asked.operation.kind} to withdraw the request."
    return f"Narrows: waiting for approval {request.id}", detail, f"{_how(request, console_url)}. {cancel}"


def returned(approval: Approval, operation: Operation, console_url: str) -> tuple[str, str]:
    """Reason and hint of the denial of an operation that is to be sent again when people have decided."""
    if approval.state is State.DENIED:
        return refusal(approval, operation)
    request = approval.request
    reason = f"this needs approval {request.id}, which has been asked for"
    again = f"Then send the same {operation.kind} again: it passes once it is approved."
    return reason, f"{_how(request, console_url)}. {again}"


def _how(request: Request, console_url: str) -> str:
    minutes = (request.expires_ms - request.requested_ms) / 60_000
    page = f"open {request_url(console_url, request.id)} or " if console_url else ""
    return f"An approver can {page}run: narrows approvals approve {request.id} (within {minutes:.0f} min)"


def request_url(console_url: str, approval: str) -> str:
    """Where people decide a request."""
    return f"{console_url.rstrip('/')}/approvals/{approval}"


def refusal(approval: Approval, operation: Operation) -> tuple[str, str]:
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
            f"Ask an approver to look, then run the {operation.kind} again.",
        )
    return f"approval {name} was withdrawn: {approval.close_reason}", f"Run the {operation.kind} again."

"""Who may decide an approval request: whom the rule names, and never the one who asked or their owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from narrows.approvals.request import Request
    from narrows.model import Principal


def objection(request: Request, approver: Principal) -> str:
    """Why `approver` may not decide `request`; empty when they may.

    Groups and roles make approvers of people only. A workload decides for another only where the rule
    names its object id: that two agents share a group must not let them approve each other.
    """
    if approver.key == request.principal:
        return "you asked for this yourself; someone else has to decide"
    if approver.object_id in request.owners:
        return "you own the agent that asked; someone else has to decide"
    if approver.object_id in request.terms.objects:
        return ""
    if not (
        approver.groups.intersection(request.terms.groups) or approver.roles.intersection(request.terms.roles)
    ):
        return f"rule {request.rule} does not name you as an approver"
    if approver.kind != "user":
        return f"rule {request.rule} lets people decide; a workload has to be named by its object id"
    return ""

"""Who may decide an approval request: whom the rule names, and never the one who asked or their owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from narrows.approvals.request import Approval, BreakGlass, Request, Terms
    from narrows.model import Principal


def objection(request: Request, approver: Principal) -> str:
    """Why `approver` may not approve or deny; empty when they may.

    Groups and roles make approvers of people only. A workload decides for another only where the rule
    names its object id: that two agents share a group must not let them approve each other.
    """
    if approver.key == request.principal:
        return "you asked for this yourself; someone else has to decide"
    if approver.object_id in request.owners and not request.terms.owners_approve:
        return "you own the agent that asked; someone else has to decide"
    if approver.object_id in request.terms.objects:
        return ""
    if not _among(approver, request.terms):
        return f"rule {request.rule} does not name you as an approver"
    if approver.kind != "user":
        return f"rule {request.rule} lets people decide; a workload has to be named by its object id"
    return ""


def break_glass_objection(request: Request, person: Principal) -> str:
    """Why `person` may not let it through alone; empty when they may.

    The owner of an agent may: whoever is called in an emergency is often the owner, and others review it.
    """
    if person.key == request.principal or person.kind != "user":
        return "only a person other than the one who asked may break the glass"
    if not _among(person, request.terms.break_glass):
        return f"rule {request.rule} does not let you break the glass"
    return ""


def review_objection(approval: Approval, reviewer: Principal) -> str:
    """Why `reviewer` may not review a broken glass; empty when they may."""
    if any(vote.approver == reviewer.key for vote in approval.votes):
        return "you broke the glass yourself; someone else has to review it"
    return objection(approval.request, reviewer)


def _among(principal: Principal, named: Terms | BreakGlass) -> bool:
    return bool(
        principal.groups.intersection(named.groups)
        or principal.roles.intersection(named.roles)
        or principal.object_id in named.objects
    )

"""`/v1/approvals`: what waits for people, and their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import JSONResponse

from narrows.approvals.eligibility import break_glass_objection, objection
from narrows.approvals.request import State
from narrows.console.errors import ApiError
from narrows.console.requests import bearer, json_fields, operations

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from narrows.approvals.request import Approval
    from narrows.gateway import Operations
    from narrows.model import Principal


async def listing(request: Request) -> Response:
    """Requests that the caller may see, newest first; `state` picks those in one state.

    `review=due` picks those whose glass was broken and whom nobody has reviewed.
    """
    principal = await bearer(request)
    state = request.query_params.get("state")
    if state not in (None, *(known.value for known in State)):
        raise ApiError(400, "invalid", f"there is no state {state}")
    due = request.query_params.get("review") == "due"
    here = operations(request)
    found = await here.approvals.newest(State.BROKEN_GLASS if due else State(state) if state else None)
    seen = [one for one in found if may_see(here, principal, one) and (one.needs_review or not due)]
    return JSONResponse({"approvals": [shown(approval) for approval in seen]})


async def single(request: Request) -> Response:
    """One request."""
    principal = await bearer(request)
    here = operations(request)
    approval = await here.approvals.find(request.path_params["id"])
    if not may_see(here, principal, approval):
        raise ApiError(403, "forbidden", "this request is not for you to decide")
    told = await here.approvals.deliveries(approval.request.id)
    return JSONResponse(shown(approval) | {"notified": [msgspec.to_builtins(delivery) for delivery in told]})


async def approve(request: Request) -> Response:
    """Approves; the body may hold `digest` and `reason`."""
    principal = await bearer(request)
    fields = await json_fields(request, "digest", "reason")
    return JSONResponse(
        shown(await operations(request).approvals.approve(request.path_params["id"], principal, **fields))
    )


async def deny(request: Request) -> Response:
    """Denies; the body may hold `digest` and `reason`."""
    principal = await bearer(request)
    fields = await json_fields(request, "digest", "reason")
    return JSONResponse(
        shown(await operations(request).approvals.deny(request.path_params["id"], principal, **fields))
    )


async def break_glass(request: Request) -> Response:
    """Lets it through alone in an emergency; the body holds `reason` and may hold `digest`."""
    principal = await bearer(request)
    fields = await json_fields(request, "digest", "reason")
    return JSONResponse(
        shown(await operations(request).approvals.break_glass(request.path_params["id"], principal, **fields))
    )


async def review(request: Request) -> Response:
    """Notes that the caller has looked at a broken glass; the body holds `reason`, what they found."""
    principal = await bearer(request)
    fields = await json_fields(request, "reason")
    found = await operations(request).approvals.review(
        request.path_params["id"], principal, fields.get("reason", "")
    )
    return JSONResponse(shown(found))


def shown(approval: Approval) -> dict[str, Any]:
    """An approval request as the API shows it."""
    request = approval.request
    return {
        "id": request.id,
        "state": approval.state.value,
        "principal": request.principal,
        "principal_name": request.principal_name,
        "target": request.target,
        "database": request.database,
        "statement": request.text,
        "document": request.document,
        "digest": approval.shown_digest,
        "operation_digest": request.digest,
        "rule": request.rule,
        "reason": request.reason,
        "policy_version": request.policy_version,
        "requested_ms": request.requested_ms,
        "expires_ms": request.expires_ms,
        "closed_ms": approval.closed_ms,
        "close_reason": approval.close_reason,
        "used_ms": approval.used_ms,
        "quorum": request.terms.quorum,
        "scope": request.terms.scope,
        "mode": request.terms.mode,
        "grant_ms": request.terms.grant_ms,
        "grant_uses": request.terms.grant_uses,
        "preview": approval.preview,
        "needs_review": approval.needs_review,
        "review": msgspec.to_builtins(approval.review) if approval.review else None,
        "votes": [
            {
                "approver": vote.approver,
                "name": vote.name,
                "vote": vote.vote,
                "reason": vote.reason,
                "digest": vote.digest,
            }
            for vote in approval.votes
        ],
    }


def may_see(here: Operations, principal: Principal, approval: Approval) -> bool:
    """Approvers see what they may decide, requesters what they asked for, operators everything."""
    return (
        approval.request.principal == principal.key
        or here.is_operator(principal)
        or not objection(approval.request, principal)
        or not break_glass_objection(approval.request, principal)
    )

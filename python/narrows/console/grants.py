"""`/v1/grants`: what people let through for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import JSONResponse

from narrows.approvals.eligibility import objection
from narrows.console.errors import ApiError
from narrows.console.requests import bearer, json_fields, operations

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from narrows.approvals.grant import Grant
    from narrows.gateway import Operations
    from narrows.model import Principal


async def listing(request: Request) -> Response:
    """Grants that the caller may see, newest first; `live=1` leaves out those that are over."""
    principal = await bearer(request)
    here = operations(request)
    found = await here.grants.newest(live_only=request.query_params.get("live") == "1")
    seen = [
        grant for grant in found if grant.principal == principal.key or await may_end(here, principal, grant)
    ]
    return JSONResponse({"grants": [shown(here, grant) for grant in seen]})


async def revoke(request: Request) -> Response:
    """Ends a grant at once; for operators and for whoever may decide such requests."""
    principal = await bearer(request)
    fields = await json_fields(request, "reason")
    here = operations(request)
    grant = await here.grants.find(request.path_params["id"])
    if not await may_end(here, principal, grant):
        raise ApiError(403, "forbidden", "this grant is not yours to revoke")
    revoked = await here.grants.revoke(grant.id, principal, reason=fields.get("reason", ""))
    return JSONResponse(shown(here, revoked))


def shown(here: Operations, grant: Grant) -> dict[str, Any]:
    """A grant as the API shows it."""
    return {"standing": here.grants.standing(grant), **msgspec.to_builtins(grant)}


async def may_end(here: Operations, principal: Principal, grant: Grant) -> bool:
    """Whether the principal may revoke it: operators, who gave it, and whoever may decide such requests."""
    if here.is_operator(principal) or principal.key in grant.granted_by.split(","):
        return True
    approval = await here.approvals.find(grant.approval)
    return not objection(approval.request, principal)

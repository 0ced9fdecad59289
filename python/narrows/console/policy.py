"""`/v1/policy/explain` and `/v1/targets`: what the caller may do, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from narrows.console.errors import ApiError
from narrows.console.requests import bearer, json_fields, operations

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


async def explain(request: Request) -> Response:
    """How a statement of the caller's would be decided now; the body holds `target` and `statement`."""
    principal = await bearer(request)
    fields = await json_fields(request, "target", "statement")
    for name in ("target", "statement"):
        if not fields.get(name):
            raise ApiError(400, "invalid", f"{name} is missing")
    explanation = await operations(request).explain(principal, fields["target"], fields["statement"])
    return JSONResponse(explanation.document())


async def targets(request: Request) -> Response:
    """The targets on which policy lets the caller do something; to operators, all of them."""
    principal = await bearer(request)
    found = operations(request).targets_of(principal)
    return JSONResponse(
        {"targets": [{"name": one.name, "kind": one.kind, "labels": dict(one.labels)} for one in found]}
    )

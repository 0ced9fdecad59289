"""`/v1/policy/explain` and `/v1/targets`: what the caller may do, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from starlette.responses import JSONResponse

from narrows.console.errors import ApiError
from narrows.console.requests import bearer, json_fields, operations
from narrows.policy.tables import ImaginedTable

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

IMAGINED = tuple(field.encode_name for field in msgspec.structs.fields(ImaginedTable))
"""Members that say what would be attempted: the words of `[[expect]]`."""


async def explain(request: Request) -> Response:
    """How something that the caller would do would be decided now, and why.

    The body holds `target`, and for a database `statement`; for a host `command`, `transfer` (`read /srv/x`)
    or `forward` (`db:5432`), each with its `login`; for a cluster `call` (`GET /api/v1/...`), with the `body`
    and `content-type` that it would send.
    """
    principal = await bearer(request)
    fields = await json_fields(request, "target", *IMAGINED)
    target = fields.pop("target", "")
    if not target:
        raise ApiError(400, "invalid", "target is missing", "GET /v1/targets lists yours.")
    imagined = msgspec.convert(fields, ImaginedTable)
    explanation = await operations(request).explain(principal, target, imagined)
    return JSONResponse(explanation.document())


async def targets(request: Request) -> Response:
    """The targets on which policy lets the caller do something; to operators, all of them."""
    principal = await bearer(request)
    found = operations(request).targets_of(principal)
    return JSONResponse(
        {"targets": [{"name": one.name, "kind": one.kind, "labels": dict(one.labels)} for one in found]}
    )
